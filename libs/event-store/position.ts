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
