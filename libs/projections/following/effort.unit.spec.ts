import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { restAfter } from './effort.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const resting = (workedMs: number, effort: number, signal = new AbortController().signal) => {
  const one = { over: false };
  void restAfter(workedMs, effort, signal).then(() => (one.over = true));
  return one;
};

it('rests nine times as long as it worked, for an effort of a tenth', async () => {
  const one = resting(10, 0.1);
  await vi.advanceTimersByTimeAsync(89);
  expect(one.over).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(one.over).toBe(true);
});

it('does not rest at full effort, nor once called off', async () => {
  const off = new AbortController();
  const [full, called] = [resting(10, 1), resting(10, 0.1, off.signal)];
  off.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect([full.over, called.over]).toEqual([true, true]);
});
