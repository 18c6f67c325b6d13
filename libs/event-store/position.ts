/**
 * A place in the whole log. Positions grow but are not contiguous. Outside this system only `commit` is shown, as an
 * opaque decimal string; EventStoreDB needs both numbers.
 */
export type LogPosition = Readonly<{ commit: bigint; prepare: bigint }>;

/** The place before the first event of the log. */
export const LOG_START: LogPosition = { commit: -1n, prepare: -1n };

/**
 * Smallest number at which no event can be. The server counts in signed 64-bit numbers and sends them without a sign:
 * its -1 ("none", "the end") arrives as 2^64-1, its -2 as 2^64-2. Its largest number, 2^63-1, means the end and marks a
 * tombstone.
 */
const FIRST_OF_NONE = 0x7fff_ffff_ffff_ffffn;

/**
 * Returns the position given by two numbers; undefined when no event can be there. A place just before an event has the
 * event's commit position and a smaller prepare position. No event is prepared after it is committed.
 */
export const positionOf = (commit: bigint, prepare: bigint): LogPosition | undefined =>
  0n <= prepare && prepare <= commit && commit < FIRST_OF_NONE ? { commit, prepare } : undefined;

/** Does the same as {@link positionOf} for numbers kept in a database or a file, where the start of the log is -1. */
export const keptPositionOf = (
  commit: bigint | string,
  prepare: bigint | string,
): LogPosition | undefined => {
  if (!INTEGER.test(`${commit}`) || !INTEGER.test(`${prepare}`)) return undefined;
  const kept = { commit: BigInt(commit), prepare: BigInt(prepare) };
  return comparePositions(kept, LOG_START) === 0 ? LOG_START : positionOf(kept.commit, kept.prepare);
};

const INTEGER = /^-?\d{1,40}$/;

/**
 * Returns the revision given by a number; undefined when no event of ours can have it. Revisions stay far below 2^53.
 */
export const revisionOf = (given: bigint | number | string): number | undefined => {
  const revision = Number(given);
  return Number.isSafeInteger(revision) && revision >= 0 ? revision : undefined;
};

/**
 * Returns a negative number when `a` is before `b`, 0 when they are equal, and a positive number when `a` is after `b`.
 */
export const comparePositions = (a: LogPosition, b: LogPosition): number => {
  if (a.commit !== b.commit) return a.commit < b.commit ? -1 : 1;
  if (a.prepare !== b.prepare) return a.prepare < b.prepare ? -1 : 1;
  return 0;
};

/** Returns the place just before an event; undefined for position 0, which has none before it. */
export const placeBefore = ({ commit }: LogPosition): LogPosition | undefined =>
  commit > 0n ? { commit, prepare: 0n } : undefined;

export const formatPosition = (position: LogPosition): string => position.commit.toString();

/**
 * Parses a position from its decimal string. Commit and prepare position are equal for every event written by an append
 * (they differ only in transactions of old TCP clients), so one number gives both.
 *
 * @throws RangeError unless it is a decimal number at which an event can be
 */
export const parsePosition = (text: string): LogPosition => {
  const commit = /^\d{1,19}$/.test(text) ? BigInt(text) : -1n;
  const position = positionOf(commit, commit);
  if (!position) throw new RangeError(`"${text}" is not a position`);
  return position;
};
