const TICKS_PER_MS = 10_000n;

/** Returns a time in the store's own unit (100 ns since 1970) as a date, to the millisecond. */
export const timeAt = (ticks: bigint): Date => new Date(Number(ticks / TICKS_PER_MS));

/** Returns a time as ISO 8601 in UTC, to the millisecond, and finer only if the stored time is finer. */
export const timeText = (ticks: bigint): string => {
  const text = timeAt(ticks).toISOString();
  const finer = ticks % TICKS_PER_MS;
  return finer === 0n ? text : `${text.slice(0, -1)}${finer.toString().padStart(4, '0')}Z`;
};
