import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { Milestones } from './milestones.js';
import { timeAt } from '../formats/ticks.js';

/**
 * Where the first event lies that was recorded at a time (100 ns since 1970) or later; undefined while there is none. Reads on from the
 * milestone before it only: cost follows the distance of milestones, not the log.
 *
 * @throws StoreUnavailable
 */
export const findPosition = async (
  store: Pick<EventStore, 'readStream' | 'readStored'>,
  wanted: bigint,
): Promise<LogPosition | undefined> => {
  const milestone = await new Milestones(store).lastBefore(timeAt(wanted));
  const from = milestone?.position ?? 'start';
  for await (const batch of store.readStored({ direction: 'forwards', from, follow: false })) {
    const found = batch.find(({ ticks }) => ticks >= wanted);
    if (found) return found.position;
  }
  return undefined;
};
