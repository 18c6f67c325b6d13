import type { EventStore } from './event-store.js';
import type { LogFeed } from './log-feed.js';

/** Milliseconds that the log may take to bring what is there. */
const WITHIN_MS = 10_000;

/**
 * Returns a function whose promise resolves once this process has received everything that streams with these prefixes
 * hold at the moment of the call. The log then also shows what a read of a stream does not, because retention hides it.
 *
 * The promise rejects with StoreUnavailable if the store is away or the log does not come.
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
