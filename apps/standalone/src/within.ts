import { setTimeout as delay } from 'node:timers/promises';

/** What `work` gives, or an error once `ms` milliseconds have passed. The work itself goes on, and may fail unheard. */
export const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
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
