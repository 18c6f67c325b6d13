import { firstOf } from '../stored/read-request.js';
import type { EventRead, LogRead } from '../stored/read-request.js';
import type { EventOf } from '../stored/read-stored.js';
import type { Lookout } from './landmark.js';

/** Reads events as they are stored, once and without waiting for more. */
type ReadEvents = <Read extends EventRead>(read: Read) => AsyncIterable<readonly EventOf<Read>[]>;

/** Returns a lookout that reads the log by the function given. */
export const lookoutOver = (readEvents: ReadEvents): Lookout => ({
  eventFrom: async (position) => {
    for await (const [first] of readEvents<LogRead>(firstOf('forwards', position))) return first;
    return undefined;
  },
  streamFrom: async (stream, from) => {
    let first: number | undefined;
    let last: number | undefined;
    const onLastRevision = (revision: number): void => void (last = revision);
    const read = { stream, direction: 'forwards', from, limit: 1, onLastRevision } as const;
    for await (const batch of readEvents(read)) first ??= batch[0]?.revision;
    return { first, last };
  },
});
