import type { ChannelFeed } from '#libs/delivery/channel-feed.js';
import type { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import type { Handshake } from '#libs/protocol/requests/handshake.js';

/** Where a bounded backlog starts, and what it leaves out: the seqs from `from` to `to`, both included. */
export type BoundedStart = Readonly<{
  cursor: number;
  skipped?: Readonly<{ from: number; to: number; reason: 'max_age' | 'max_count' }>;
}>;

/**
 * Bounds a backlog by count and age. The first message that is young enough is found by binary search, which reads one
 * message for each step. So the backlog of a weekend is not read only to be thrown away.
 *
 * @throws StoreUnavailable
 */
export const applyBounds = async (
  feeds: ChannelFeeds,
  feed: ChannelFeed,
  cursor: number,
  { maxAgeMs, maxCount }: Handshake['backlog'],
  now: number,
): Promise<BoundedStart> => {
  const byCount = maxCount === undefined ? cursor : Math.max(cursor, feed.head - maxCount);
  const oldest = maxAgeMs === undefined ? undefined : now - maxAgeMs;
  const byAge =
    oldest === undefined ? cursor : await lastBefore(feeds, feed.channel, oldest, byCount, feed.head);
  const start = Math.max(byCount, byAge);
  if (start <= cursor) return { cursor };
  const reason = byAge > byCount ? 'max_age' : 'max_count';
  return { cursor: start, skipped: { from: cursor + 1, to: start, reason } };
};

const ONE = { messages: 1, weight: Infinity } as const;

/** Returns the last seq in (after, until] that was recorded before a time, or `after` if there is none. */
const lastBefore = async (
  feeds: ChannelFeeds,
  channel: string,
  time: number,
  after: number,
  until: number,
): Promise<number> => {
  let [known, unknown] = [after, until + 1];
  while (unknown - known > 1) {
    const middle = Math.floor((known + unknown) / 2);
    const inRing = feeds.find(channel)?.ring.get(middle);
    const [message] = inRing ? [inRing] : await feeds.readAfter(channel, middle - 1, ONE);
    if (message !== undefined && Date.parse(message.at) < time) known = middle;
    else unknown = middle;
  }
  return known;
};
