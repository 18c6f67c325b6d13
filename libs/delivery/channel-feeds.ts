import { messagesStream } from '#libs/domain/stream-names.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Message } from '#libs/protocol/message.js';
import { channelDamaged } from './channel-damaged.js';
import { ChannelFeed, RING_CAPACITY } from './channel-feed.js';
import { messageWeight, toMessage } from './message-encoding.js';
import type { BatchLimits } from './message-ring.js';
import { Redactions } from './redactions.js';
import { RingBudget } from './ring-budget.js';

export type FeedLimits = Readonly<{
  /** Messages read when a channel is first looked at: a short cut of many bots is then served from memory. */
  tail: number;
  ring: BatchLimits;
  /** Of all rings together. */
  weight: number;
}>;

const FEED_LIMITS: FeedLimits = { tail: 256, ring: RING_CAPACITY, weight: 64 * 1024 * 1024 };

type Opening = Readonly<{ arrived: Message[]; feed: Promise<ChannelFeed> }>;

/**
 * The channels this process has looked at, each opened when first needed: nothing is read at start. Every new message
 * is announced once, in order, whether it came from the log or from a read.
 */
export class ChannelFeeds {
  private readonly feeds = new Map<string, ChannelFeed>();
  private readonly opening = new Map<string, Opening>();
  private readonly reading = new Map<ChannelFeed, Promise<void>>();
  private readonly budget: RingBudget;
  /** The first event of each channel that can't be delivered: the channel stops before it. */
  private readonly stops = new Map<string, number>();

  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly announce: (message: Message) => void,
    private readonly redactions = new Redactions(),
    private readonly limits = FEED_LIMITS,
  ) {
    this.budget = new RingBudget(limits.weight);
  }

  find(channel: string): ChannelFeed | undefined {
    return this.feeds.get(channel);
  }

  /** The channel's feed, opened if need be. @throws StoreUnavailable */
  open(channel: string): Promise<ChannelFeed> {
    const feed = this.feeds.get(channel);
    if (feed) return Promise.resolve(feed);
    const under = this.opening.get(channel);
    if (under) return under.feed;
    const arrived: Message[] = [];
    const opened = this.load(channel, arrived).finally(() => this.opening.delete(channel));
    this.opening.set(channel, { arrived, feed: opened });
    return opened;
  }

  /**
   * The channel's feed, having read on if it does not reach this seq: a bot may have seen on another gateway what the
   * log has not brought here yet. It still ends before `seq` if nobody can have seen that.
   *
   * @throws StoreUnavailable
   */
  async openAt(channel: string, seq: number): Promise<ChannelFeed> {
    const feed = await this.open(channel);
    if (seq > feed.head) await this.catchUp(feed, seq);
    return feed;
  }

  /**
   * Takes a message from the log. Channels nobody looked at are passed over. Where messages before it are missing they are
   * read, so that none is passed over. It never throws.
   */
  accept(message: Message): void {
    if (message.kind === 'redacted') this.redact(message.channel, message.bot, message.target!);
    const feed = this.feeds.get(message.channel);
    if (!feed) this.opening.get(message.channel)?.arrived.push(message);
    else this.take(feed, message);
  }

  /** The channel's stream holds an event that can't be delivered: nothing from there on is, and the others go on. */
  stop(channel: string, seq: number): void {
    this.stops.set(channel, Math.min(seq, this.stops.get(channel) ?? seq));
  }

  /** @throws RequestError `channel_damaged` for a channel that stopped */
  requireWhole(channel: string): void {
    const seq = this.stops.get(channel);
    if (seq !== undefined) throw channelDamaged(channel, messagesStream(channel), seq);
  }

  private take(feed: ChannelFeed, message: Message): void {
    const { channel, seq } = message;
    if (seq >= (this.stops.get(channel) ?? Infinity)) return;
    if (seq > feed.head + 1) {
      // A read that fails is made again with the next message, or by whoever waits for this one.
      void this.catchUp(feed, seq).catch(() => undefined);
    } else if (feed.accept(message)) {
      this.budget.used(feed.ring);
      this.announce(message);
    }
  }

  /** From here on nothing shows the content of this message or of its edits. */
  redact(channel: string, bot: string, id: string): void {
    if (!this.redactions.add(channel, bot, id)) return;
    this.feeds.get(channel)?.ring.rewrite((message) => this.redactions.conceal(message));
  }

  /**
   * Reads on, ahead of the log, so that the feed reaches `seq` if that is in the stream. However many ask, one read a
   * channel is under way: a log that lags must not be held up further by all who wait for it.
   *
   * @throws StoreUnavailable
   */
  async catchUp(feed: ChannelFeed, seq: number): Promise<void> {
    await this.reading.get(feed); // it may have begun before `seq` was written
    if (feed.head < seq) await this.readOn(feed);
  }

  private readOn(feed: ChannelFeed): Promise<void> {
    const under = this.reading.get(feed);
    if (under) return under;
    const reading = this.read(feed).finally(() => this.reading.delete(feed));
    this.reading.set(feed, reading);
    return reading;
  }

  private async read(feed: ChannelFeed): Promise<void> {
    const { channel } = feed;
    for await (const event of this.store.readStream(messagesStream(channel), { from: feed.head + 1 })) {
      // The log may have brought more than this read has come to. What lies behind a hole in the stream itself stays there.
      if (event.revision > feed.head + 1) this.stop(channel, feed.head + 1);
      if (event.unreadable !== undefined) this.stop(channel, event.revision);
      if (event.revision >= (this.stops.get(channel) ?? Infinity)) return;
      this.accept(toMessage(event));
    }
  }

  /**
   * Messages after a seq from the channel's own stream, as many as the limits allow and at least one if there is any:
   * the cost follows the backlog, not the log.
   *
   * @throws StoreUnavailable; RequestError `channel_damaged` when the next one can't be understood
   */
  async readAfter(channel: string, seq: number, limits: BatchLimits): Promise<Message[]> {
    const messages: Message[] = [];
    const options = { from: seq + 1, limit: limits.messages };
    let weight = 0;
    if (seq + 1 >= (this.stops.get(channel) ?? Infinity)) this.requireWhole(channel);
    for await (const event of this.store.readStream(messagesStream(channel), options)) {
      if (event.unreadable !== undefined) this.stop(channel, event.revision);
      if (event.unreadable !== undefined && messages.length > 0) break;
      const message = toMessage(event);
      weight += messageWeight(message);
      if (weight > limits.weight && messages.length > 0) break;
      messages.push(message);
    }
    return this.shown(messages);
  }

  /**
   * Messages before a seq (exclusive; undefined: the newest), in ascending order, as many as the limits allow and at least
   * one if there is any.
   *
   * @throws StoreUnavailable; RequestError `channel_damaged` when one of them can't be understood
   */
  async readBefore(
    channel: string,
    seq: number | undefined,
    limit: number,
    most = Infinity,
  ): Promise<Message[]> {
    if (seq === 0) return [];
    const from = seq === undefined ? 'end' : seq - 1;
    const messages: Message[] = [];
    let weight = 0;
    for await (const event of this.store.readStream(messagesStream(channel), {
      direction: 'backwards',
      from,
      limit,
    })) {
      if (event.unreadable !== undefined) this.stop(channel, event.revision);
      const message = toMessage(event);
      weight += messageWeight(message);
      if (weight > most && messages.length > 0) break;
      messages.push(message);
    }
    return this.shown(messages.toReversed());
  }

  /** A redaction may be read before the log has brought it. */
  private shown(messages: readonly Message[]): Message[] {
    for (const { kind, channel, bot, target } of messages)
      if (kind === 'redacted') this.redact(channel, bot, target!);
    return messages.map((message) => this.redactions.conceal(message));
  }

  private async load(channel: string, arrived: readonly Message[]): Promise<ChannelFeed> {
    const { tail, head } = await this.readTail(channel);
    // No await between here and the registration, so nothing can arrive in between.
    const shown = (message: Message): Message => this.redactions.conceal(message);
    const feed = new ChannelFeed(channel, tail.map(shown), head, this.limits.ring);
    this.feeds.set(channel, feed);
    this.budget.used(feed.ring);
    for (const message of arrived) this.take(feed, shown(message));
    return feed;
  }

  /** The newest messages, up to before the first of them that can't be understood. */
  private async readTail(channel: string): Promise<{ tail: readonly Message[]; head: number }> {
    let newestFirst: Message[] = [];
    let head: number | undefined;
    const options = { direction: 'backwards', from: 'end', limit: this.limits.tail } as const;
    for await (const event of this.store.readStream(messagesStream(channel), options)) {
      head ??= event.revision;
      if (event.unreadable === undefined) newestFirst.push(toMessage(event));
      else {
        this.stop(channel, event.revision);
        newestFirst = [];
        head = event.revision - 1;
      }
    }
    return { tail: this.shown(newestFirst.toReversed()), head: head ?? -1 };
  }
}
