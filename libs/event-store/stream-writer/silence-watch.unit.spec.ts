import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { SILENCE, SilenceWatch } from './silence-watch.js';

const LONG_ENOUGH_MS = SILENCE.steps * SILENCE.stepMs;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const setUp = () => {
  const onSilent = vi.fn();
  const watch = new SilenceWatch(SYSTEM_CLOCK, onSilent);
  let answer!: () => void;
  const asked = watch.watchPromise(new Promise<void>((resolve) => (answer = resolve)));
  return { watch, onSilent, asked, answer };
};

describe('the watch over a store with open requests', () => {
  it('calls it silent, once, when it has answered nobody within its time', async () => {
    const { onSilent } = setUp();
    await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS - 1);
    expect(onSilent).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(onSilent).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(5 * LONG_ENOUGH_MS);
    expect(onSilent).toHaveBeenCalledOnce();
  });

  it('goes on counting for those who still wait when somebody gives up', async () => {
    const { watch, onSilent } = setUp();
    let giveUp!: (error: Error) => void;
    const impatient = watch.watchPromise(new Promise<void>((_resolve, reject) => (giveUp = reject)));
    await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS - 1);
    giveUp(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    await vi.advanceTimersByTimeAsync(1);
    expect(onSilent).toHaveBeenCalledOnce();
  });

  it('starts over whenever it answers anybody', async () => {
    const { watch, onSilent } = setUp();
    for (let time = 0; time < 10; time += 1) {
      await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS - SILENCE.stepMs);
      watch.heard();
    }
    expect(onSilent).not.toHaveBeenCalled();
  });

  it('stops when nobody asks, and does not carry over earlier counts', async () => {
    const { watch, onSilent, asked, answer } = setUp();
    await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS - 1);
    answer();
    await asked;
    expect(vi.getTimerCount()).toBe(0);
    void watch.watchPromise(new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS - 1);
    expect(onSilent).not.toHaveBeenCalled();
  });

  it('blames nobody when this process itself was stopped for a long time', () => {
    const steps: (() => void)[] = [];
    const onSilent = vi.fn();
    const stopped = { after: (_ms: number, step: () => void) => (steps.push(step), () => undefined) };
    void new SilenceWatch(stopped, onSilent).watchPromise(new Promise(() => undefined));
    // A timer is called once, however late.
    steps[0]!();
    expect(onSilent).not.toHaveBeenCalled();
  });
});
