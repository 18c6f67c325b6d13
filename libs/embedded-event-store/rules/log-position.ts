/**
 * A place in the log, as EventStoreDB counts it (TFPos.cs). An event has equal commit and prepare positions. With a
 * smaller prepare position, the place is just before the event at the commit position.
 */
export interface LogPosition {
  readonly commit: number;
  readonly prepare: number;
}

/** The place before everything, position 0 included. */
export const BEFORE_ALL: LogPosition = { commit: -1, prepare: -1 };

/** The value of "before all" on the wire, 2^64-1, which compares as after everything (Position.cs, FromInt64). */
export const NO_POSITION: LogPosition = { commit: 2 ** 64, prepare: 2 ** 64 };

/** Returns the place of the event at this position. */
export const positionAt = (position: number): LogPosition => ({ commit: position, prepare: position });

/**
 * Returns a negative number when `a` is before `b`, 0 when they are the same place, and a positive number when `a` is
 * after `b`.
 */
export const comparePositions = (a: LogPosition, b: LogPosition): number =>
  a.commit === b.commit ? a.prepare - b.prepare : a.commit - b.commit;
