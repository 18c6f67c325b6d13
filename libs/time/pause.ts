import { SYSTEM_CLOCK } from './clock.js';
import type { Clock } from './clock.js';

/** Waits `ms`, or less if the signal aborts; then it resolves early. */
export const pause = async (
  ms: number,
  signal: AbortSignal,
  clock: Pick<Clock, 'after'> = SYSTEM_CLOCK,
): Promise<void> => {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done);
  });
};
