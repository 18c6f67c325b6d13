import { Backoff } from './backoff.js';
import { sleep } from './sleep.js';

/**
 * Tries until the work succeeds, with growing waits between attempts. Returns its result, or undefined if the signal
 * aborted before.
 *
 * @param isPassing returns whether another attempt may succeed after this error
 * @throws the first error that is not passing
 */
export const retry = async <Result>(
  work: () => Promise<Result>,
  isPassing: (error: unknown) => boolean,
  signal: AbortSignal,
  backoff = new Backoff(),
): Promise<Result | undefined> => {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await sleep(backoff.next(), signal);
    }
  }
  return undefined;
};
