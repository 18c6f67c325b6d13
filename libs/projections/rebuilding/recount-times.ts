/** After a start when there was no comparison with the log yet, and after the last one. In milliseconds. */
export type RecountTimes = Readonly<{ firstMs: number; everyMs: number }>;

const FIRST_MS = 10 * 60_000;

/** Recounts every so many minutes, the first soon after a start; none at 0. */
export const recountTimes = (everyMinutes: number): RecountTimes => {
  const everyMs = everyMinutes === 0 ? Number.POSITIVE_INFINITY : everyMinutes * 60_000;
  return { firstMs: everyMinutes === 0 ? everyMs : Math.min(FIRST_MS, everyMs), everyMs };
};
