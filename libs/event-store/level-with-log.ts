import type { EventStore } from './event-store.js';
import type { LogFeed } from './log-feed.js';

/** How long the log may take to bring what is there, in milliseconds. */
const WITHIN_MS = 10_000;

/**
 * Makes what resolves once this process has been brought all that streams of these beginnings hold at the moment of the
 * call: what a read of a stream does not show, because retention hides it, is then known from the log.
 *
 * Its promise is rejected with StoreUnavailable where the store is away or the log does not come.
 */
export const levelWithLog =
  (
    store: Pick<EventStore, 'readStored'>,
    feed: Pick<LogFeed, 'reached'>,
    streams: readonly string[],
  ): (() => Promise<void>) =>
  async () => {
    const read = {
      direction: 'backwards',
      from: 'end',
      filter: { streams },
      follow: false,
      limit: 1,
    } as const;
    for await (const [newest] of store.readStored(read))
      if (newest) return feed.reached(newest.position, WITHIN_MS);
  };
