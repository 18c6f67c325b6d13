import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WriteStoppage } from './write-stoppage.js';

const RETRY_MS = 250;
const FULL = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
const FULL_WORDS = 'the disk is full (ENOSPC)';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const setUp = () => {
  const disk: { fault: Error | undefined; asked: number } = { fault: undefined, asked: 0 };
  const said: (string | undefined)[] = [];
  const tryWriting = (): Promise<void> => {
    disk.asked += 1;
    return disk.fault ? Promise.reject(disk.fault) : Promise.resolve();
  };
  return {
    disk,
    said,
    stoppage: new WriteStoppage({ tryWriting }, (trouble) => void said.push(trouble), RETRY_MS),
  };
};

describe('a stoppage of writing', () => {
  it('is over at once when the fault has passed, and both are reported', async () => {
    const { stoppage, said, disk } = setUp();
    await stoppage.commitFailed(FULL);
    expect(stoppage.reason).toBeUndefined();
    expect(said).toEqual([FULL_WORDS, undefined]);
    expect(disk.asked).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lasts while the disk accepts nothing, is reported once, and ends by itself', async () => {
    const { stoppage, said, disk } = setUp();
    disk.fault = FULL;
    await stoppage.commitFailed(FULL);
    await vi.advanceTimersByTimeAsync(10 * RETRY_MS);
    expect(stoppage.reason).toBe(FULL_WORDS);
    expect(said).toEqual([FULL_WORDS]);
    disk.fault = undefined;
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(stoppage.reason).toBeUndefined();
    expect(said).toEqual([FULL_WORDS, undefined]);
  });

  it('reports a new reason', async () => {
    const { stoppage, said, disk } = setUp();
    disk.fault = FULL;
    await stoppage.commitFailed(FULL);
    disk.fault = Object.assign(new Error('read-only'), { code: 'EROFS' });
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(said).toEqual([FULL_WORDS, 'the file system is read-only (EROFS)']);
  });

  it('waits before it tries again when the fault comes back soon', async () => {
    const { stoppage, disk } = setUp();
    await stoppage.commitFailed(FULL);
    await stoppage.commitFailed(FULL);
    expect(disk.asked).toBe(1);
    expect(stoppage.reason).toBe(FULL_WORDS);
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(stoppage.reason).toBeUndefined();
  });

  it('leaves the log alone once it is closed', async () => {
    const { stoppage, disk } = setUp();
    disk.fault = FULL;
    await stoppage.commitFailed(FULL);
    await stoppage.close();
    await vi.advanceTimersByTimeAsync(10 * RETRY_MS);
    expect(disk.asked).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
