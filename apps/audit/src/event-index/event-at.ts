import type { EventStore } from '#libs/event-store/event-store.js';
import { UnknownPosition } from '#libs/event-store/event-store.errors.js';
import { comparePositions, type LogPosition } from '#libs/event-store/position.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';

/**
 * Returns the event exactly at a position; undefined when none is there (any more).
 *
 * @throws StoreUnavailable | StoreFault
 */
export const eventAt = async (
  store: Pick<EventStore, 'readStored'>,
  position: LogPosition,
): Promise<StoredEvent | undefined> => {
  const read = { direction: 'forwards', from: position, follow: false, limit: 1, tellsDamage: true } as const;
  try {
    for await (const batch of store.readStored(read))
      for (const event of batch) if (comparePositions(event.position, position) === 0) return event;
  } catch (error) {
    if (!(error instanceof UnknownPosition)) throw error;
  }
  return undefined;
};
