import { sleep } from '#libs/time/sleep.js';

/**
 * Rests after work for as long as needed to keep the work within its share of the time. `effort` is that share, above 0
 * and up to 1.
 */
export const restAfter = async (workedMs: number, effort: number, signal: AbortSignal): Promise<void> => {
  if (effort < 1) await sleep(workedMs * (1 / effort - 1), signal);
};
