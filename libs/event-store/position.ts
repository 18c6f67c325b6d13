/**
 * A place in the whole log. It only grows and is not contiguous. Outside this system only `commit` is shown, as an
 * opaque decimal string; EventStoreDB wants the pair back.
 */
export type LogPosition = Readonly<{ commit: bigint; prepare: bigint }>;

/** Before the first event of the log. */
export const LOG_START: LogPosition = { commit: -1n, prepare: -1n };

/**
 * The server counts in signed numbers of 64 bits and sends them without a sign: its -1 ("none", "the end") arrives as
 * 2^64-1, its -2 as 2^64-2. Its largest, 2^63-1, stands for the end and for a tombstone. No event lies at any of these.
 */
const FIRST_OF_NONE = 0x7fff_ffff_ffff_ffffn;

/**
 * The position that two numbers stand for; undefined when no event can lie there. A place just before an event has its
 * commit position and a smaller prepare position; no event is prepared after it is committed.
 */
export const positionOf = (commit: bigint, prepare: bigint): LogPosition | undefined =>
  0n <= prepare && prepare <= commit && commit < FIRST_OF_NONE ? { commit, prepare } : undefined;

/** As {@link positionOf} for numbers kept in a database or a file, where the log's start is -1. */
export const keptPositionOf = (
  commit: bigint | string,
  prepare: bigint | string,
): LogPosition | undefined => {
  if (!INTEGER.test(`${commit}`) || !INTEGER.test(`${prepare}`)) return undefined;
  const kept = { commit: BigInt(commit), prepare: BigInt(prepare) };
  return comparePositions(kept, LOG_START) === 0 ? LOG_START : positionOf(kept.commit, kept.prepare);
};

const INTEGER = /^-?\d{1,40}$/;

/** The revision a number stands for; undefined when no event of ours can have it: revisions stay far below 2^53. */
export const revisionOf = (given: bigint | number | string): number | undefined => {
  const revision = Number(given);
  return Number.isSafeInteger(revision) && revision >= 0 ? revision : undefined;
};

/** Negative when `a` lies before `b`, 0 when equal, positive when after. */
export const comparePositions = (a: LogPosition, b: LogPosition): number => {
  if (a.commit !== b.commit) return a.commit < b.commit ? -1 : 1;
  if (a.prepare !== b.prepare) return a.prepare < b.prepare ? -1 : 1;
  return 0;
};

/** The place just before an event; undefined for position 0, before which there is none. */
export const placeBefore = ({ commit }: LogPosition): LogPosition | undefined =>
  commit > 0n ? { commit, prepare: 0n } : undefined;

export const formatPosition = (position: LogPosition): string => position.commit.toString();

/**
 * The position an outside decimal string stands for. Commit and prepare position are the same for every event written
 * by an append (they differ only in transactions of old TCP clients), so the one number brings the pair back.
 *
 * @throws RangeError unless it is a decimal number at which an event can lie
 */
export const parsePosition = (text: string): LogPosition => {
  const commit = /^\d{1,19}$/.test(text) ? BigInt(text) : -1n;
  const position = positionOf(commit, commit);
  if (!position) throw new RangeError(`"${text}" is not a position`);
  return position;
};
