import { messagesStream } from '#libs/domain/stream-names.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { isDamage } from '#libs/event-store/unreadable/set-aside-events.js';
import type { Audience } from './audience.js';
import { channelDamaged } from './channel-damaged.js';
import { ChannelFeed, RING_CAPACITY } from './channel-feed.js';
import { ChannelStops } from './channel-stops.js';
import { channelOf, messageWeight, toPlace } from './message-encoding.js';
import type { BatchLimits } from './message-ring.js';
import type { Place } from './place.js';
import { Redactions } from './redactions.js';
import { RingBudget } from './ring-budget.js';
import { readTail } from './read-tail.js';
import { firstPageOf, inTwoPages } from './weighed-pages.js';

/** How much of the channels is held in memory. */
type FeedLimits = Readonly<{
  /**
   * How many messages are read when a channel is first used. A short disconnection of many bots is then served from
   * memory.
   */
  tail: number;
  ring: BatchLimits;
  /** The limit for all rings together. */
  weight: number;
}>;

const FEED_LIMITS: FeedLimits = { tail: 256, ring: RING_CAPACITY, weight: 64 * 1024 * 1024 };

type Opening = Readonly<{ arrived: Place[]; feed: Promise<ChannelFeed> }>;

/**
 * Holds the channels that this process has used. Each is opened when it is first needed; nothing is read at start.
 * Every new message, and every new place that was set aside, is announced once and in order, whether it came from the
 * log or from a read.
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
    private readonly audience: Audience,
    private readonly redactions = new Redactions(),
    private readonly limits = FEED_LIMITS,
  ) {
    this.budget = new RingBudget(limits.weight);
    this.stops = new ChannelStops(store.setAside);
  }

  /** Returns the channel's feed if it is open. */
  find(channel: string): ChannelFeed | undefined {
    return this.feeds.get(channel);
  }

  /**
   * Returns the channel's feed, and opens it if needed.
   *
   * @throws StoreUnavailable
   */
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
   * Returns the channel's feed after reading on if it does not reach this seq: a bot may have seen messages on another
   * gateway that the log has not delivered here yet. The feed still ends before `seq` if the stream does.
   *
   * @throws StoreUnavailable
   */
  async openAt(channel: string, seq: number): Promise<ChannelFeed> {
    const feed = await this.open(channel);
    if (seq > feed.head) await this.catchUp(feed, seq);
    return feed;
  }

  /** Takes an event from the log that cannot be decoded. The channel stops there, unless the event was set aside. */
  takeUnreadable(event: RecordedEvent): void {
    if (!this.stopsAt(channelOf(event.stream), event)) this.takeMessage(toPlace(event, this.store.setAside));
  }

  /**
   * Takes a message from the log. Messages of channels that nobody has used are ignored. If messages before
   * this one are missing, they are read, so that none is skipped. Never throws.
   */
  takeMessage(message: Place): void {
    if (message.kind === 'redacted') this.redact(message.channel, message.bot, message.target!);
    const feed = this.feeds.get(message.channel);
    if (!feed) this.opening.get(message.channel)?.arrived.push(message);
    else this.put(feed, message);
  }

  /**
   * Stops a channel whose stream holds an event that cannot be delivered: nothing from `seq` on is delivered.
   * The other channels continue.
   */
  stopChannel(channel: string, seq: number): void {
    this.stops.addStop(channel, seq);
    for (const listener of this.stopListeners) listener(channel);
  }

  /**
   * Registers a listener that is called when a channel is found to stop, even if that is already known. It must not
   * throw.
   */
  onStop(listener: (channel: string) => void): void {
    this.stopListeners.push(listener);
  }

  /** Returns the seq before which the channel stops, or undefined if it has not met such an event so far. */
  stopOf(channel: string): number | undefined {
    return this.stops.stopOf(channel);
  }

  /**
   * Continues a channel after an admin has set aside the event that it stopped at. It goes on up to the next
   * such event. A channel that is not open yet continues when it is opened.
   *
   * @throws StoreUnavailable; the next message or caller then tries again
   */
  async continueChannel(channel: string): Promise<void> {
    const feed = await (this.feeds.get(channel) ?? this.opening.get(channel)?.feed);
    if (!feed) return;
    await this.reading.get(feed);
    await this.readOn(feed);
  }

  /** @throws RequestError `channel_damaged` for a channel that has stopped */
  requireWhole(channel: string): void {
    const seq = this.stops.stopOf(channel);
    if (seq !== undefined) throw channelDamaged(channel, messagesStream(channel), seq);
  }

  private put(feed: ChannelFeed, message: Place): void {
    const { channel, seq } = message;
    if (seq >= (this.stops.stopOf(channel) ?? Infinity)) return;
    if (seq > feed.head + 1) {
      // A failed read is repeated with the next message, or by whoever waits for this one.
      void this.catchUp(feed, seq).catch(() => undefined);
    } else if (feed.takeMessage(message)) {
      this.budget.noteUse(feed.ring);
      this.audience.takePlace(message);
    }
  }

  /** Hides the content of a message and of its edits from now on. */
  redact(channel: string, bot: string, id: string): void {
    if (!this.redactions.addRedaction(channel, bot, id)) return;
    this.feeds.get(channel)?.ring.rewrite((message) => this.redactions.conceal(message));
  }

  /**
   * Reads the stream ahead of the log until the feed reaches `seq`, if the stream holds it. Only one read per
   * channel runs at a time, however many callers wait: they must not slow down a log that already lags.
   *
   * @throws StoreUnavailable
   */
  async catchUp(feed: ChannelFeed, seq: number): Promise<void> {
    await this.reading.get(feed); // that read may have begun before `seq` was written
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
      // The log may have delivered messages beyond this one in the meantime.
      if (event.revision > feed.head + 1) this.passOver(feed, event.revision - 1);
      this.stopsAt(channel, event);
      if (event.revision >= (this.stops.stopOf(channel) ?? Infinity)) return;
      this.takeMessage(toPlace(event, this.store.setAside));
    }
    this.passOver(feed, last);
  }

  /** Continues after messages that retention has removed, and announces the gap. */
  private passOver(feed: ChannelFeed, to: number): void {
    const { channel, head } = feed;
    if (to <= head || to >= (this.stops.stopOf(channel) ?? Infinity)) return;
    feed.skipTo(to);
    this.audience.takeGap({ channel, from: head + 1, to });
  }

  /**
   * Returns the messages after a seq from the channel's own stream: as many as the limits allow, and at least one if
   * there is any. The cost depends on the backlog and not on the log. The first message may not directly follow `seq`:
   * those between them are gone. The others are contiguous.
   *
   * @throws StoreUnavailable
   * @throws RequestError `channel_damaged` when the next event cannot be decoded
   */
  async readAfter(channel: string, seq: number, limits: BatchLimits): Promise<Place[]> {
    const messages: Place[] = [];
    let weight = 0;
    if (seq + 1 >= (this.stops.stopOf(channel) ?? Infinity)) this.requireWhole(channel);
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
   * Returns the messages before a seq (exclusive; undefined means the newest) in ascending order: as many as
   * the limits allow, and at least one if there is any.
   *
   * @throws StoreUnavailable
   * @throws RequestError `channel_damaged` when one of the events cannot be decoded
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

  /**
   * Reads the stream in two pages, so that the store sends about as much as is wanted and not all that may be wanted.
   */
  private pages(
    channel: string,
    direction: 'forwards' | 'backwards',
    start: number | 'end',
    limits: BatchLimits,
  ): AsyncIterable<RecordedEvent> {
    const first = firstPageOf(limits, this.feeds.get(channel)?.ring.averageWeight);
    return inTwoPages(limits.messages, first, direction === 'forwards' ? 1 : -1, (from, limit) =>
      this.store.readStream(messagesStream(channel), { direction, from: from ?? start, limit }),
    );
  }

  /** Returns places that were read some time ago as they may be shown now. */
  concealed(places: readonly Place[]): Place[] {
    return places.map((place) => this.redactions.conceal(place));
  }

  /** Conceals redacted messages. A redaction may be read here before the log delivers it. */
  private shown(messages: readonly Place[]): Place[] {
    for (const message of messages)
      if (message.kind === 'redacted') this.redact(message.channel, message.bot, message.target!);
    return this.concealed(messages);
  }

  private async load(channel: string, arrived: readonly Place[]): Promise<ChannelFeed> {
    const stopsAt = (event: RecordedEvent): boolean => this.stopsAt(channel, event);
    const { tail, head } = await readTail(this.store, channel, this.limits.tail, stopsAt);
    // There is no await between here and the registration, so no message can arrive in between.
    const feed = new ChannelFeed(channel, this.shown(tail), head, this.limits.ring);
    this.feeds.set(channel, feed);
    this.budget.noteUse(feed.ring);
    for (const message of arrived) this.put(feed, this.redactions.conceal(message));
    return feed;
  }

  private stopsAt(channel: string, event: RecordedEvent): boolean {
    const isEnd = isDamage(event, this.store.setAside);
    if (isEnd) this.stopChannel(channel, event.revision);
    return isEnd;
  }
}
