import { messagesStream } from '#libs/domain/stream-names.js';
import type { AcceptedWindow } from '#libs/delivery/accepted-window.js';
import type { ChannelFeed } from '#libs/delivery/channel-feed.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Cancel, Clock } from '#libs/platform/clock.js';
import type { Place } from './earlier-messages.js';

/** How long the log may bring nothing before an acknowledgement that waits for its message reads it itself. */
const ECHO_MS = 1_000;

/** What the log brings back of a channel's messages once they are written: their times above all. */
export class ChannelEcho {
  /** @param untilLevel resolves once the window has been brought all messages there are now */
  constructor(
    private readonly channel: string,
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly feeds: ChannelFeeds,
    private readonly window: AcceptedWindow,
    private readonly untilLevel: () => Promise<void>,
    private readonly clock: Clock,
  ) {}

  /** When the store recorded a message (ISO 8601, UTC), whose key is given. @throws StoreUnavailable */
  async timeOf({ seq, at }: Place, key: string): Promise<string> {
    if (at !== undefined) return new Date(at).toISOString();
    return (await this.timesFrom(seq, [key]))[0]!;
  }

  /**
   * When the store recorded the messages from a seq on, one for each key: it says so only when they are read.
   * @throws StoreUnavailable
   */
  async timesFrom(first: number, keys: readonly string[]): Promise<string[]> {
    const feed = await this.feedUpTo(first + keys.length - 1);
    const inRing = keys.map((_key, index) => feed.ring.get(first + index)?.at);
    if (inRing.every((at) => at !== undefined)) return inRing;
    // From the stream itself: what is stored is answered, also where the channel has stopped meanwhile.
    const times = new Map<number, string>();
    const range = { from: first, limit: keys.length };
    for await (const { revision, at } of this.store.readStream(messagesStream(this.channel), range))
      times.set(revision, at.toISOString());
    return Promise.all(
      keys.map(async (key, index) => times.get(first + index) ?? this.timeInLog(key, first + index)),
    );
  }

  /** Resolves once the window knows a message that no read may show any more. @throws StoreUnavailable */
  async untilInLog(seq: number): Promise<void> {
    if (!this.window.hasTaken(this.channel, seq)) await this.untilLevel();
  }

  /** The channel's feed once the log has brought this message; read ahead of a log that stands still. */
  async feedUpTo(seq: number): Promise<ChannelFeed> {
    const feed = await this.feeds.open(this.channel);
    while (feed.head < seq) {
      const { front } = this.window;
      await this.reachedOrLate(feed, seq);
      // A log that lags but moves will bring it. Reads for all who wait would be what it lags for.
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

  /** Of a message that retention has hidden already: the log brings it all the same. */
  private async timeInLog(key: string, seq: number): Promise<string> {
    await this.untilInLog(seq);
    const seen = this.window.find(key);
    if (seen) return new Date(seen.at).toISOString();
    throw new StoreUnavailable(
      `When message ${seq} of channel ${this.channel} was recorded is not known any more`,
    );
  }
}
