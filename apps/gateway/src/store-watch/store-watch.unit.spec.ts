import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreWatch } from './store-watch.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const setUp = () => {
  const marks = { connected: true, lostForMs: 0, trouble: undefined as string | undefined };
  const state = { marks, isAsked: false, asked: 0, told: [] as string[] };
  const watch = new StoreWatch(
    {
      marks: () => state.marks,
      isAsked: () => state.isAsked,
      ask: () => {
        state.asked += 1;
        return Promise.resolve();
      },
      tell: ({ code }) => void state.told.push(code),
    },
    () => Date.now(),
  );
  watch.start();
  return { state, watch };
};

describe('the watch over the store', () => {
  it('reports to bots and health within a second that the store does not write, and that it does again', () => {
    const { state, watch } = setUp();
    vi.advanceTimersByTime(5_000);
    expect(watch.health()).toEqual({ ready: true });
    state.marks.trouble = 'full';
    vi.advanceTimersByTime(1_000);
    expect(state.told).toEqual(['store_unavailable']);
    expect(watch.health().ready).toBe(false);
    state.marks.trouble = undefined;
    vi.advanceTimersByTime(1_000);
    expect(state.told).toEqual(['store_unavailable', 'store_restored']);
    expect(watch.health().ready).toBe(true);
  });

  it('asks a store in trouble once a second, unless posts do, and never a healthy one', async () => {
    const { state } = setUp();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.asked).toBe(0);
    state.marks.lostForMs = 60_000;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.asked).toBe(10);
    state.isAsked = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.asked).toBe(10);
  });

  it('does not ask a store that it is not connected to', async () => {
    const { state } = setUp();
    state.marks.connected = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.asked).toBe(0);
    expect(state.told).toEqual(['store_unavailable']);
  });
});
