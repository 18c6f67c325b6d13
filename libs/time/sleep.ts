import { SYSTEM_CLOCK } from './clock.js';
import type { Clock, TimerOptions } from './clock.js';

/** Waits `ms` milliseconds, or less if the signal aborts; then it resolves early. It never throws. */
export const sleep = async (
  ms: number,
  signal?: AbortSignal,
  clock: Pick<Clock, 'after'> = SYSTEM_CLOCK,
  options?: TimerOptions,
): Promise<void> => {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done, options);
    signal?.addEventListener('abort', done);
  });
};
