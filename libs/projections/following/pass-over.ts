import { comparePositions } from '#libs/event-store/position.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { mayBeOneOf } from '#libs/event-store/recorded-event.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { Projection } from '../builds/projection.js';

/** Somewhat more events than a filtered subscription passes over without reporting progress. */
const LOOK_AT = 600;

/**
 * Returns the last event up to which the log holds nothing for a projection that is level at `from`. A filtered
 * subscription reports this only now and then. Until its next report, a read model could not say that it reflects
 * events elsewhere in the log.
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
    return undefined; // the subscription reports a store that is away
  }
  return passed;
};
