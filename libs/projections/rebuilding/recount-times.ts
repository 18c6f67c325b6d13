/**
 * Milliseconds until a recount: `firstMs` after a start if the build was never compared with the log, `everyMs` after
 * the last comparison.
 */
export type RecountTimes = Readonly<{ firstMs: number; everyMs: number }>;

const FIRST_MS = 10 * 60_000;

/** Returns the times for a recount every so many minutes, the first one soon after a start. 0 means no recounts. */
export const recountTimes = (everyMinutes: number): RecountTimes => {
  const everyMs = everyMinutes === 0 ? Number.POSITIVE_INFINITY : everyMinutes * 60_000;
  return { firstMs: everyMinutes === 0 ? everyMs : Math.min(FIRST_MS, everyMs), everyMs };
};
