const few = new Intl.NumberFormat('en', {
  maximumSignificantDigits: 3,
  maximumFractionDigits: 3,
  roundingPriority: 'lessPrecision',
});
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Formats a number for people: significant digits, thousands separators, and a dash for a value that was not measured. */
export const figure = (value: number): string => {
  if (!Number.isFinite(value)) return '–';
  return (Math.abs(value) >= 1_000 ? whole : few).format(value);
};

/** Formats an elapsed time as `4:05`, or as `1:04:05` from an hour on. */
export const clock = (seconds: number): string => {
  const rounded = Math.round(seconds);
  const parts = [Math.floor(rounded / 3_600), Math.floor(rounded / 60) % 60, rounded % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
};

/** Formats a duration as `45 s` or `29 min 30 s`. */
export const duration = (seconds: number): string => {
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  return rounded % 60 === 0 ? `${rounded / 60} min` : `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
};

/** Formats a count with its noun: `1 target`, `3 targets`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${figure(count)} ${count === 1 ? one : many}`;
