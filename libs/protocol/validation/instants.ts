/** A day or a time to the second or finer, with its offset from UTC: a time without one would mean the server's own. */
const INSTANT = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Digits of a second: most times here are kept to the millisecond, the store's own to 100 ns. */
export const MILLISECONDS = 3;
export const STORE_TICKS = 7;

/**
 * Whether a text is a date or a time, no finer than what it is compared with is kept: a finer one would be taken for another.
 *
 * @param digits of a second that count; behind them only zeros may stand
 */
export const isInstant = (value: unknown, digits = MILLISECONDS): value is string => {
  const found = typeof value === 'string' ? INSTANT.exec(value) : null;
  const [, day, , , fraction = ''] = found ?? [];
  if (day === undefined || day < '0001' || /[1-9]/.test(fraction.slice(1 + digits))) return false;
  // The 31st of February rolls over to March: refused.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return false;
  return !Number.isNaN(Date.parse(value as string));
};

const TICKS_A_MILLISECOND = 10_000n;

/** A time in the store's own unit, 100 ns since 1970. @param instant what {@link isInstant} takes for one */
export const ticksAt = (instant: string): bigint => {
  const [, , , , fraction = ''] = INSTANT.exec(instant)!;
  const finer = fraction.slice(1).padEnd(STORE_TICKS, '0').slice(MILLISECONDS, STORE_TICKS);
  return BigInt(Date.parse(instant)) * TICKS_A_MILLISECOND + BigInt(finer);
};
