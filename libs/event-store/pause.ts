import { setTimeout as sleep } from 'node:timers/promises';

/** Waits `ms`, or until the signal: then it resolves early. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // woken early
  }
};
