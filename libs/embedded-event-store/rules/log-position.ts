/**
 * A place in the log as EventStoreDB counts it (TFPos.cs). An event lies at commit and prepare position alike; with a
 * smaller prepare position a place lies just before the event at the commit position.
 */
export interface LogPosition {
  readonly commit: number;
  readonly prepare: number;
}

/** Before everything, position 0 included. */
export const BEFORE_ALL: LogPosition = { commit: -1, prepare: -1 };

/** What "before all" is on the wire, 2^64-1: after everything (Position.cs, FromInt64). */
export const NO_POSITION: LogPosition = { commit: 2 ** 64, prepare: 2 ** 64 };

/** Of the event at this position. */
export const positionAt = (position: number): LogPosition => ({ commit: position, prepare: position });

/** Negative when `a` lies before `b`, 0 when they are the same, positive when after. */
export const comparePositions = (a: LogPosition, b: LogPosition): number =>
  a.commit === b.commit ? a.prepare - b.prepare : a.commit - b.commit;
