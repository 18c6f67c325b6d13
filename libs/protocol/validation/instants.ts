/**
 * A day, or a time to the minute or finer with its offset from UTC. Without an offset, a time would depend on
 * the server's own time zone.
 */
const INSTANT = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * How many digits of a second count. Most times here have milliseconds; the store's own times have units of
 * 100 ns.
 */
const MILLISECONDS = 3;
export const STORE_TICKS = 7;

/**
 * Returns whether a value is a date or a time that is no finer than the times it is compared with. A finer
 * one would be mistaken for another time.
 *
 * @param digits how many digits of a second count; only zeros may follow them
 */
export const isInstant = (value: unknown, digits = MILLISECONDS): value is string => {
  const found = typeof value === 'string' ? INSTANT.exec(value) : null;
  const [, day, , , fraction = ''] = found ?? [];
  if (day === undefined || day < '0001' || /[1-9]/.test(fraction.slice(1 + digits))) return false;
  // The 31st of February would roll over into March, so it is refused.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return false;
  return !Number.isNaN(Date.parse(value as string));
};

const TICKS_A_MILLISECOND = 10_000n;

/**
 * Returns a time in the store's own unit, 100 ns since 1970.
 *
 * @param instant a text that {@link isInstant} accepts
 */
export const ticksAt = (instant: string): bigint => {
  const [, , , , fraction = ''] = INSTANT.exec(instant)!;
  const finer = fraction.slice(1).padEnd(STORE_TICKS, '0').slice(MILLISECONDS, STORE_TICKS);
  return BigInt(Date.parse(instant)) * TICKS_A_MILLISECOND + BigInt(finer);
};
