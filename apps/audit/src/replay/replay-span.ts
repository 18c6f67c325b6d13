import { comparePositions, type LogPosition } from '#libs/event-store/position.js';
import type { LogRead } from '#libs/event-store/stored/read-request.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { storeFilter } from './event-filter.js';
import type { Place, Replay } from './replay.request.js';

/** Which part of the log a replay covers: where the store begins to read, what it passes over, where it ends. */
export type ReplaySpan = Readonly<{
  read: LogRead;
  /** Read, but not wanted: a read forwards begins with the event it goes on after. */
  isBefore(event: StoredEvent): boolean;
  /** The first event beyond the end. */
  isBeyond(event: StoredEvent): boolean;
}>;

type Wanted = Pick<Replay, 'direction' | 'from' | 'to' | 'after' | 'filter'>;

/** Where a replay enters the log: `from`, or backwards `to`; undefined for a time that has not come. */
export type Entry = LogPosition | 'start' | 'end' | undefined;

/** The span of a replay that reads what is there. What it goes on after counts where it lies further on than the entry. */
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

/** As `spanOf` for a replay that also follows: subscriptions begin behind an event, here the one before the entry. */
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
