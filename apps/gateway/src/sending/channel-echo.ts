import { messagesStream } from '#libs/domain/stream-names.js';
import type { AcceptedWindow } from '#libs/delivery/accepted-window.js';
import type { ChannelFeed } from '#libs/delivery/channel-feed.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Cancel, Clock } from '#libs/time/clock.js';
import type { Place } from './earlier-messages.js';

/**
 * Milliseconds for which the log may bring nothing before an acknowledgement that waits for its message reads the
 * stream itself.
 */
const ECHO_MS = 1_000;

/**
 * Waits for a channel's written messages to come back through the log, mainly because only then is their time known.
 */
export class ChannelEcho {
  /** @param untilLevel resolves once the window has received all messages that exist at the time of the call */
  constructor(
    private readonly channel: string,
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly feeds: ChannelFeeds,
    private readonly window: AcceptedWindow,
    private readonly untilLevel: () => Promise<void>,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns when the store recorded a message (ISO 8601, UTC).
   *
   * @param key the key of the message in the window
   * @throws StoreUnavailable
   */
  async timeOf({ seq, at }: Place, key: string): Promise<string> {
    if (at !== undefined) return new Date(at).toISOString();
    return (await this.timesFrom(seq, [key]))[0]!;
  }

  /**
   * Returns when the store recorded the messages from a seq on, one time for each key. The answer to an append does not
   * contain these times, so the messages are read.
   *
   * @throws StoreUnavailable
   */
  async timesFrom(first: number, keys: readonly string[]): Promise<string[]> {
    const feed = await this.feedUpTo(first + keys.length - 1);
    const inRing = keys.map((_key, index) => feed.ring.get(first + index)?.at);
    if (inRing.every((at) => at !== undefined)) return inRing;
    // The stream itself is read, because a stored message is acknowledged even if its channel has stopped meanwhile.
    const times = new Map<number, string>();
    const range = { from: first, limit: keys.length };
    for await (const { revision, at } of this.store.readStream(messagesStream(this.channel), range))
      times.set(revision, at.toISOString());
    return Promise.all(
      keys.map(async (key, index) => times.get(first + index) ?? this.timeInLog(key, first + index)),
    );
  }

  /**
   * Resolves once the window has received a message, which a read may no longer show.
   *
   * @throws StoreUnavailable
   */
  async untilInLog(seq: number): Promise<void> {
    if (!this.window.hasTaken(this.channel, seq)) await this.untilLevel();
  }

  /** Returns the channel's feed once it holds this message. If the log stands still, the stream is read ahead of it. */
  async feedUpTo(seq: number): Promise<ChannelFeed> {
    const feed = await this.feeds.open(this.channel);
    while (feed.head < seq) {
      const { front } = this.window;
      await this.reachedOrLate(feed, seq);
      // A log that lags but moves will bring the message. Reading for every caller that waits would make it lag more.
      if (feed.head >= seq || this.window.front !== front) continue;
      await this.feeds.catchUp(feed, seq);
      return feed;
    }
    return feed;
  }

  private async reachedOrLate(feed: ChannelFeed, seq: number): Promise<void> {
    let stopWaiting: Cancel | undefined;
    const late = new Promise<void>((resolve) => (stopWaiting = this.clock.after(ECHO_MS, resolve)));
    await Promise.race([feed.waitForSeq(seq), late]);
    stopWaiting?.();
  }

  /** Returns the time of a message that retention has already hidden. The log brings it all the same. */
  private async timeInLog(key: string, seq: number): Promise<string> {
    await this.untilInLog(seq);
    const seen = this.window.find(key);
    if (seen) return new Date(seen.at).toISOString();
    throw new StoreUnavailable(
      `When message ${seq} of channel ${this.channel} was recorded is not known any more`,
    );
  }
}
