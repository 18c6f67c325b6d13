import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';
import { retry } from './retry.js';

const SHORT = { initialMs: 1, maxMs: 1 };
const { signal } = new AbortController();
const isPassing = (error: unknown): boolean => (error as Error).message === 'away';

describe('a retry', () => {
  it('tries until the work succeeds', async () => {
    let tries = 0;
    const work = async (): Promise<number> => {
      tries += 1;
      if (tries < 3) throw new Error('away');
      return tries;
    };
    expect(await retry(work, isPassing, signal, new Backoff(SHORT))).toBe(3);
  });

  it('throws the first error that does not pass', async () => {
    let tries = 0;
    const work = async (): Promise<void> => {
      tries += 1;
      throw new Error(tries === 1 ? 'away' : 'broken');
    };
    await expect(retry(work, isPassing, signal, new Backoff(SHORT))).rejects.toThrow('broken');
    expect(tries).toBe(2);
  });

  it('ends when the signal aborts, also while it waits', async () => {
    const ending = new AbortController();
    const forEver = new Backoff({ initialMs: 1_000_000, maxMs: 1_000_000 });
    const work = (): Promise<void> => {
      setImmediate(() => ending.abort());
      return Promise.reject(new Error('away'));
    };
    expect(await retry(work, isPassing, ending.signal, forEver)).toBeUndefined();
    expect(await retry(work, isPassing, ending.signal, forEver)).toBeUndefined();
  });
});
