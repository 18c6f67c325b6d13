import { TREE_PREFIXES } from '#libs/domain/audit/tree-streams.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';

type Store = Pick<EventStore, 'readStored'>;

/** Events between two turns of the loop, so that others are not kept waiting for longer than about a millisecond. */
const EVENTS_A_TURN = 64;

const READ = { filter: { streams: TREE_PREFIXES }, follow: false, tellsDamage: true } as const;

/**
 * Reads the events of the tree's streams up to the present end of the log. Damaged ones are told in their places.
 *
 * @throws what the store throws
 */
export async function* eventsOfTree(
  store: Store,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredEvent[]> {
  for await (const batch of store.readStored({ ...READ, direction: 'forwards', from: 'start' }, signal)) {
    for (let at = 0; at < batch.length; at += EVENTS_A_TURN) {
      yield batch.slice(at, at + EVENTS_A_TURN);
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
  }
}

/** Returns the position of the newest event of the tree's streams; undefined when there is none. */
export const lastPosition = async (store: Store, signal: AbortSignal): Promise<bigint | undefined> => {
  const read = { ...READ, direction: 'backwards', from: 'end', limit: 1 } as const;
  for await (const [event] of store.readStored(read, signal)) if (event) return event.position.commit;
  return undefined;
};
