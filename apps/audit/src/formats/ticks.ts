const TICKS_PER_MS = 10_000n;

/** The millisecond of a time in the store's own unit, 100 ns since 1970. */
export const timeAt = (ticks: bigint): Date => new Date(Number(ticks / TICKS_PER_MS));

/** ISO 8601 in UTC, to the millisecond, and finer only where the store was. */
export const timeText = (ticks: bigint): string => {
  const text = timeAt(ticks).toISOString();
  const finer = ticks % TICKS_PER_MS;
  return finer === 0n ? text : `${text.slice(0, -1)}${finer.toString().padStart(4, '0')}Z`;
};
