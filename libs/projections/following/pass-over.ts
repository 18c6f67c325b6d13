import { comparePositions } from '#libs/event-store/position.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { mayBeOneOf } from '#libs/event-store/recorded-event.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { Projection } from '../builds/projection.js';

/** Somewhat more than what a filtered subscription passes over without a word. */
const LOOK_AT = 600;

/**
 * The last event up to which the log holds nothing for a projection that is level at `from`. A filtered subscription says so only now and
 * then, but a read model that waits for the next word could not tell that it reflects what happened elsewhere.
 */
export const passOver = async (
  projection: Projection,
  log: Pick<EventStore, 'readAll'>,
  from: LogPosition,
): Promise<PositionedEvent | undefined> => {
  let passed: PositionedEvent | undefined;
  try {
    for await (const event of log.readAll({ from, limit: LOOK_AT })) {
      const { stream, position } = event;
      if (comparePositions(position, from) <= 0) continue;
      const wanted =
        mayBeOneOf(projection.eventTypes, event) &&
        projection.streamPrefixes.some((prefix) => stream.startsWith(prefix));
      if (wanted) break;
      passed = event;
    }
  } catch {
    return undefined; // a store that is away says so by the subscription
  }
  return passed;
};
