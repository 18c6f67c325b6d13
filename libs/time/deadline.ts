import { SYSTEM_CLOCK } from './clock.js';
import type { Cancel, Clock } from './clock.js';

type Timers = Pick<Clock, 'after'>;

/**
 * Returns the result of the work, or throws the error that `late` makes when it takes longer than `ms` milliseconds.
 * The work itself continues, and its failure is then ignored.
 */
export const withDeadline = async <Result>(
  ms: number,
  work: Promise<Result>,
  late: () => Error,
  clock: Timers = SYSTEM_CLOCK,
): Promise<Result> => {
  let cancel: Cancel | undefined;
  const deadline = new Promise<never>((_, reject) => (cancel = clock.after(ms, () => reject(late()))));
  try {
    return await Promise.race([work, deadline]);
  } finally {
    cancel?.();
  }
};

/**
 * Resolves when the work does, with true, or after `ms` milliseconds, with false. The work itself continues, and its
 * failure is then ignored.
 *
 * @throws whatever the work throws in time
 */
export const endsWithin = async (
  ms: number,
  work: Promise<unknown>,
  clock: Timers = SYSTEM_CLOCK,
): Promise<boolean> => {
  let cancel: Cancel | undefined;
  const deadline = new Promise<false>((resolve) => (cancel = clock.after(ms, () => resolve(false))));
  try {
    return await Promise.race([work.then(() => true as const), deadline]);
  } finally {
    cancel?.();
  }
};
