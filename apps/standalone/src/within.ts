import { setTimeout as delay } from 'node:timers/promises';

/**
 * Returns the result of `work`, or throws an error after `ms` milliseconds. The work itself continues, and
 * its failure is then ignored.
 */
export const withDeadline = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  const over = new AbortController();
  const late = delay(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`It took longer than ${ms / 1000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
    work.catch(() => undefined);
    late.catch(() => undefined);
  }
};
