import { comparePositions, type LogPosition } from '#libs/event-store/position.js';
import type { LogRead } from '#libs/event-store/stored/read-request.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { storeFilter } from './event-filter.js';
import type { Place, Replay } from './replay.request.js';

/**
 * The part of the log that a replay covers: where the store starts to read, what is skipped, and where the
 * replay ends.
 */
export type ReplaySpan = Readonly<{
  read: LogRead;
  /**
   * Returns whether an event was read but is not wanted. A forward read begins with the event that the replay
   * continues after.
   */
  isBefore(event: StoredEvent): boolean;
  /** Returns whether an event lies beyond the end. */
  isBeyond(event: StoredEvent): boolean;
}>;

type Wanted = Pick<Replay, 'direction' | 'from' | 'to' | 'after' | 'filter'>;

/**
 * The place where a replay enters the log: `from`, or `to` when it reads backwards. Undefined for a time that
 * has not come yet.
 */
export type Entry = LogPosition | 'start' | 'end' | undefined;

/**
 * Returns the span of a replay that reads only existing events. `after` counts only where it lies further
 * along than the entry.
 */
export const spanOf = (replay: Wanted, entry: Entry): ReplaySpan => {
  const { direction, from, to, filter } = replay;
  const forwards = direction === 'forwards';
  const after = resumesAt(replay, entry);
  return {
    read: { direction, from: after ?? entry ?? 'end', filter: storeFilter(filter), follow: false },
    isBefore: forwards ? passedOver(after, entry === undefined ? from : undefined) : () => false,
    isBeyond: forwards ? fromPlaceOn(to) : before(from),
  };
};

/**
 * Returns the span of a replay that also follows. A subscription starts after an event, here the one before
 * the entry.
 */
export const followingSpanOf = (
  replay: Wanted,
  entry: Entry,
  predecessor: LogPosition | 'start' | 'end',
): ReplaySpan => {
  const span = spanOf(replay, entry);
  return { ...span, read: { ...span.read, from: resumesAt(replay, entry) ?? predecessor, follow: true } };
};

const resumesAt = ({ after, direction }: Wanted, entry: Entry): LogPosition | undefined => {
  if (!after || entry === undefined) return undefined;
  if (typeof entry !== 'object') return after;
  const further = comparePositions(after, entry) * (direction === 'forwards' ? 1 : -1);
  return further >= 0 ? after : undefined;
};

const passedOver = (
  after: LogPosition | undefined,
  notYet: Place | undefined,
): ((event: StoredEvent) => boolean) => {
  const isTooEarly = before(notYet);
  return (event) =>
    (after !== undefined && comparePositions(event.position, after) <= 0) || isTooEarly(event);
};

const fromPlaceOn = (place: Place | undefined): ((event: StoredEvent) => boolean) => {
  if (!place) return () => false;
  if ('position' in place) return ({ position }) => comparePositions(position, place.position) >= 0;
  return ({ ticks }) => ticks >= place.ticks;
};

const before = (place: Place | undefined): ((event: StoredEvent) => boolean) => {
  const isAfter = fromPlaceOn(place);
  return place ? (event) => !isAfter(event) : () => false;
};
