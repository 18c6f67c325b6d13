import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { Milestones } from './milestones.js';
import { timeAt } from '../formats/ticks.js';

/**
 * Returns the position of the first event recorded at a time (100 ns since 1970) or later, or undefined while
 * there is none. It reads only from the milestone before that time, so the cost depends on the distance
 * between milestones and not on the length of the log.
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
