/**
 * A place in the whole log. It only grows and is not contiguous. Outside this system only `commit` is shown, as an
 * opaque decimal string; EventStoreDB wants the pair back.
 */
export type LogPosition = Readonly<{ commit: bigint; prepare: bigint }>;

/** Before the first event of the log. */
export const LOG_START: LogPosition = { commit: -1n, prepare: -1n };

/** Negative when `a` lies before `b`, 0 when equal, positive when after. */
export const comparePositions = (a: LogPosition, b: LogPosition): number => {
  if (a.commit !== b.commit) return a.commit < b.commit ? -1 : 1;
  if (a.prepare !== b.prepare) return a.prepare < b.prepare ? -1 : 1;
  return 0;
};

export const formatPosition = (position: LogPosition): string => position.commit.toString();

/**
 * The position an outside decimal string stands for. Commit and prepare position are the same for every event written
 * by an append (they differ only in transactions of old TCP clients), so the one number brings the pair back.
 *
 * @throws RangeError unless it is a decimal number of the store's 63 bits
 */
export const parsePosition = (text: string): LogPosition => {
  const commit = /^\d{1,19}$/.test(text) ? BigInt(text) : -1n;
  if (commit < 0n || commit > 0x7fff_ffff_ffff_ffffn) throw new RangeError(`"${text}" is not a position`);
  return { commit, prepare: commit };
};
