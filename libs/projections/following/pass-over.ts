import { comparePositions } from '#libs/event-store/position.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogPosition } from '#libs/event-store/position.js';
import { mayBeOneOf } from '#libs/event-store/recorded-event.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { Projection } from '../builds/projection.js';

/** Somewhat more events than a filtered subscription passes over without reporting progress. */
const LOOK_AT = 600;

type Log = Pick<EventStore, 'readAll'>;

/** Reads under way, by the position that they begin at. */
const reading = new WeakMap<Log, Map<string, Promise<readonly PositionedEvent[]>>>();

/** Reads the next events. Projections that stand at the same event, and ask in the same moment, share one read. */
const readBeyond = (log: Log, from: LogPosition): Promise<readonly PositionedEvent[]> => {
  const reads = reading.get(log) ?? new Map<string, Promise<readonly PositionedEvent[]>>();
  reading.set(log, reads);
  const key = `${from.commit}/${from.prepare}`;
  const read = reads.get(key) ?? readAfter(log, from).finally(() => reads.delete(key));
  reads.set(key, read);
  return read;
};

const readAfter = async (log: Log, from: LogPosition): Promise<readonly PositionedEvent[]> => {
  const events: PositionedEvent[] = [];
  for await (const event of log.readAll({ from, limit: LOOK_AT })) events.push(event);
  return events;
};

/**
 * Returns the last event up to which the log holds nothing for a projection that is level at `from`. A filtered
 * subscription reports this only now and then. Until its next report, a read model could not say that it reflects
 * events elsewhere in the log.
 */
export const passOver = async (
  projection: Projection,
  log: Log,
  from: LogPosition,
): Promise<PositionedEvent | undefined> => {
  let passed: PositionedEvent | undefined;
  try {
    for (const event of await readBeyond(log, from)) {
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
