import type { Accepted } from '#libs/delivery/accepted-window.js';
import { isThere } from '#libs/delivery/is-there.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { comparePositions } from '#libs/event-store/position.js';

/** The first message of a channel in the part of the log that was read. */
export type FirstRead = Pick<Accepted, 'channel' | 'seq' | 'at' | 'position'>;

/** How many channels are read at the same time. */
const AT_ONCE = 16;

/**
 * Returns the newest of these messages before which a message of its channel is missing, or undefined if there is none.
 * The missing message was scavenged and may have been in the part that was read. A message that is only hidden counts
 * as missing. This takes at most one read for each channel, and none in a log that was never scavenged.
 *
 * @throws StoreUnavailable
 */
export const edgeOfMissing = async (
  firsts: readonly FirstRead[],
  store: Pick<EventStore, 'readStream' | 'wasScavenged'>,
): Promise<FirstRead | undefined> => {
  if (!(await store.wasScavenged())) return undefined;
  const newestFirst = firsts
    .filter(({ seq }) => seq > 0)
    .toSorted((one, other) => comparePositions(other.position, one.position));
  while (newestFirst.length > 0) {
    const some = newestFirst.splice(0, AT_ONCE);
    const there = await Promise.all(some.map(({ channel, seq }) => isThere(store, channel, seq - 1)));
    const missing = some.find((_first, index) => !there[index]);
    if (missing) return missing;
  }
  return undefined;
};
