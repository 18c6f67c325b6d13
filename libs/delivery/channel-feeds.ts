import { messagesStream } from '#libs/domain/stream-names.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { isDamage } from '#libs/event-store/unreadable/set-aside-events.js';
import { channelDamaged } from './channel-damaged.js';
import { ChannelFeed, RING_CAPACITY } from './channel-feed.js';
import { ChannelStops } from './channel-stops.js';
import { channelOf, messageWeight, toPlace } from './message-encoding.js';
import type { BatchLimits } from './message-ring.js';
import type { Place } from './place.js';
import { Redactions } from './redactions.js';
import { RingBudget } from './ring-budget.js';
import { firstPageOf, inTwoPages } from './weighed-pages.js';

export type FeedLimits = Readonly<{
  /** Messages read when a channel is first looked at: a short cut of many bots is then served from memory. */
  tail: number;
  ring: BatchLimits;
  /** Of all rings together. */
  weight: number;
}>;

const FEED_LIMITS: FeedLimits = { tail: 256, ring: RING_CAPACITY, weight: 64 * 1024 * 1024 };

/** Messages of a channel that are gone: retention took them before they were brought here. */
export type Gap = Readonly<{ channel: string; from: number; to: number }>;

type Opening = Readonly<{ arrived: Place[]; feed: Promise<ChannelFeed> }>;

/**
 * The channels this process has looked at, each opened when first needed: nothing is read at start. Every new message,
 * and every new place that was set aside, is announced once, in order, whether it came from the log or from a read.
 */
export class ChannelFeeds {
  private readonly feeds = new Map<string, ChannelFeed>();
  private readonly opening = new Map<string, Opening>();
  private readonly reading = new Map<ChannelFeed, Promise<void>>();
  private readonly budget: RingBudget;
  private readonly stops: ChannelStops;
  private readonly stopListeners: ((channel: string) => void)[] = [];

  constructor(
    private readonly store: Pick<EventStore, 'readStream' | 'setAside'>,
    private readonly announce: (place: Place) => void,
    private readonly redactions = new Redactions(),
    private readonly limits = FEED_LIMITS,
    /** To who is level with the channel, before what comes after the gap. */
    private readonly announceGap: (gap: Gap) => void = () => undefined,
  ) {
    this.budget = new RingBudget(limits.weight);
    this.stops = new ChannelStops(store.setAside);
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
    const arrived: Place[] = [];
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

  /** Takes an event from the log that nobody understands: the channel stops there, unless it was set aside. */
  takeUnreadable(event: RecordedEvent): void {
    if (!this.stopsAt(channelOf(event.stream), event)) this.accept(toPlace(event, this.store.setAside));
  }

  /**
   * Takes a message from the log. Channels nobody looked at are passed over. Where messages before it are missing they are
   * read, so that none is passed over. It never throws.
   */
  accept(message: Place): void {
    if (message.kind === 'redacted') this.redact(message.channel, message.bot, message.target!);
    const feed = this.feeds.get(message.channel);
    if (!feed) this.opening.get(message.channel)?.arrived.push(message);
    else this.put(feed, message);
  }

  /** The channel's stream holds an event that can't be delivered: nothing from there on is, and the others go on. */
  stop(channel: string, seq: number): void {
    this.stops.add(channel, seq);
    for (const listener of this.stopListeners) listener(channel);
  }

  /** Called when a channel is found to stop, be it known or not. A listener must not throw. */
  onStop(listener: (channel: string) => void): void {
    this.stopListeners.push(listener);
  }

  /** The seq before which the channel stops; undefined for one that goes on, as far as it was read. */
  stopOf(channel: string): number | undefined {
    return this.stops.of(channel);
  }

  /**
   * An admin has set aside what the channel stopped at: it goes on, up to the next one. Once it was opened, that is; else
   * the first look does it.
   * @throws StoreUnavailable then the next message or look does it
   */
  async goOn(channel: string): Promise<void> {
    const feed = await (this.feeds.get(channel) ?? this.opening.get(channel)?.feed);
    if (!feed) return;
    await this.reading.get(feed);
    await this.readOn(feed);
  }

  /** @throws RequestError `channel_damaged` for a channel that stopped */
  requireWhole(channel: string): void {
    const seq = this.stops.of(channel);
    if (seq !== undefined) throw channelDamaged(channel, messagesStream(channel), seq);
  }

  private put(feed: ChannelFeed, message: Place): void {
    const { channel, seq } = message;
    if (seq >= (this.stops.of(channel) ?? Infinity)) return;
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
    let last = -1;
    const options = { from: feed.head + 1, onLastRevision: (revision: number) => void (last = revision) };
    for await (const event of this.store.readStream(messagesStream(channel), options)) {
      // The log may have brought more than this read has come to.
      if (event.revision > feed.head + 1) this.passOver(feed, event.revision - 1);
      this.stopsAt(channel, event);
      if (event.revision >= (this.stops.of(channel) ?? Infinity)) return;
      this.accept(toPlace(event, this.store.setAside));
    }
    this.passOver(feed, last);
  }

  /** Goes on behind what retention has taken, which is said. */
  private passOver(feed: ChannelFeed, to: number): void {
    const { channel, head } = feed;
    if (to <= head || to >= (this.stops.of(channel) ?? Infinity)) return;
    feed.skipTo(to);
    this.announceGap({ channel, from: head + 1, to });
  }

  /**
   * Messages after a seq from the channel's own stream, as many as the limits allow and at least one if there is any:
   * the cost follows the backlog, not the log. Only the first of them may not be the next after `seq`: what lies between is gone.
   *
   * @throws StoreUnavailable; RequestError `channel_damaged` when the next one can't be understood
   */
  async readAfter(channel: string, seq: number, limits: BatchLimits): Promise<Place[]> {
    const messages: Place[] = [];
    let weight = 0;
    if (seq + 1 >= (this.stops.of(channel) ?? Infinity)) this.requireWhole(channel);
    for await (const event of this.pages(channel, 'forwards', seq + 1, limits)) {
      const isEnd = this.stopsAt(channel, event);
      if (isEnd && messages.length > 0) break;
      if (messages.length > 0 && event.revision > messages.at(-1)!.seq + 1) break;
      const message = toPlace(event, this.store.setAside);
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
  ): Promise<Place[]> {
    if (seq === 0) return [];
    const from = seq === undefined ? 'end' : seq - 1;
    const messages: Place[] = [];
    let weight = 0;
    for await (const event of this.pages(channel, 'backwards', from, { messages: limit, weight: most })) {
      this.stopsAt(channel, event);
      const message = toPlace(event, this.store.setAside);
      weight += messageWeight(message);
      if (weight > most && messages.length > 0) break;
      messages.push(message);
    }
    return this.shown(messages.toReversed());
  }

  /** Asks the store for about as much as is wanted, not for all that might be. */
  private pages(
    channel: string,
    direction: 'forwards' | 'backwards',
    start: number | 'end',
    limits: BatchLimits,
  ): AsyncGenerator<RecordedEvent> {
    const first = firstPageOf(limits, this.feeds.get(channel)?.ring.averageWeight);
    return inTwoPages(limits.messages, first, direction === 'forwards' ? 1 : -1, (from, limit) =>
      this.store.readStream(messagesStream(channel), { direction, from: from ?? start, limit }),
    );
  }

  /** A redaction may be read before the log has brought it. */
  private shown(messages: readonly Place[]): Place[] {
    for (const message of messages)
      if (message.kind === 'redacted') this.redact(message.channel, message.bot, message.target!);
    return messages.map((message) => this.redactions.conceal(message));
  }

  private async load(channel: string, arrived: readonly Place[]): Promise<ChannelFeed> {
    const { tail, head } = await this.readTail(channel);
    // No await between here and the registration, so nothing can arrive in between.
    const shown = (message: Place): Place => this.redactions.conceal(message);
    const feed = new ChannelFeed(channel, tail.map(shown), head, this.limits.ring);
    this.feeds.set(channel, feed);
    this.budget.used(feed.ring);
    for (const message of arrived) this.put(feed, shown(message));
    return feed;
  }

  /** The newest messages without a gap, up to before the first of them that can't be understood. */
  private async readTail(channel: string): Promise<{ tail: readonly Place[]; head: number }> {
    let newestFirst: Place[] = [];
    let head: number | undefined;
    let last = -1;
    const options = {
      direction: 'backwards',
      from: 'end',
      limit: this.limits.tail,
      onLastRevision: (revision: number) => void (last = revision),
    } as const;
    for await (const event of this.store.readStream(messagesStream(channel), options)) {
      head ??= event.revision;
      if (event.revision < head - newestFirst.length) break;
      if (this.stopsAt(channel, event)) {
        newestFirst = [];
        head = event.revision - 1;
      } else newestFirst.push(toPlace(event, this.store.setAside));
    }
    return { tail: this.shown(newestFirst.toReversed()), head: head ?? last };
  }

  private stopsAt(channel: string, event: RecordedEvent): boolean {
    const isEnd = isDamage(event, this.store.setAside);
    if (isEnd) this.stop(channel, event.revision);
    return isEnd;
  }
}
