import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '#test/simulation/simulated-clock.js';
import { Interval } from './interval.js';

const EVERY_MS = 100;

const guardOf = (caught: unknown[]) => ({
  run: (call: () => unknown): void => {
    try {
      const result = call();
      if (result instanceof Promise) result.catch((error: unknown) => caught.push(error));
    } catch (error) {
      caught.push(error);
    }
  },
});

const untilAt = (clock: SimulatedClock, time: number): void => {
  while (clock.step(time));
};

describe('an interval', () => {
  it('makes its first call after the time, and then one each time', () => {
    const clock = new SimulatedClock(0);
    const calls: number[] = [];
    new Interval(EVERY_MS, () => calls.push(clock.now()), guardOf([]), clock).start().start();
    untilAt(clock, 350);
    expect(calls).toEqual([100, 200, 300]);
  });

  it('asks before each wait how long it is', () => {
    const clock = new SimulatedClock(0);
    const calls: number[] = [];
    const interval = new Interval(
      () => (calls.length + 1) * EVERY_MS,
      () => calls.push(clock.now()),
      guardOf([]),
      clock,
    );
    interval.start();
    untilAt(clock, 650);
    expect(calls).toEqual([100, 200, 400]);
  });

  it('makes no call while the one before is under way', async () => {
    const clock = new SimulatedClock(0);
    const ends: (() => void)[] = [];
    const call = (): Promise<void> => new Promise((resolve) => ends.push(resolve));
    const interval = new Interval(EVERY_MS, call, guardOf([]), clock).start();
    untilAt(clock, 350);
    expect(ends).toHaveLength(1);
    ends[0]!();
    await new Promise(setImmediate);
    untilAt(clock, 460);
    expect(ends).toHaveLength(2);
    ends[1]!();
    await interval.stop();
  });

  it('shows whether a call is under way, and how many have ended, so that one that hangs is noticed', async () => {
    const clock = new SimulatedClock(0);
    let end!: () => void;
    const call = (): Promise<void> => new Promise((resolve) => (end = resolve));
    const interval = new Interval(EVERY_MS, call, guardOf([]), clock).start();
    expect(interval.marks()).toEqual({ waiting: 0, done: 0 });
    untilAt(clock, 150);
    expect(interval.marks()).toEqual({ waiting: 1, done: 0 });
    end();
    await new Promise(setImmediate);
    expect(interval.marks()).toEqual({ waiting: 0, done: 1 });
    untilAt(clock, 10_000);
    expect(interval.marks()).toEqual({ waiting: 1, done: 1 });
    end();
    await interval.stop();
  });

  it('goes on after a call that fails, at once or later', async () => {
    const clock = new SimulatedClock(0);
    const caught: unknown[] = [];
    let calls = 0;
    const call = (): Promise<void> | undefined => {
      calls += 1;
      if (calls === 1) throw new Error('at once');
      return calls === 2 ? Promise.reject(new Error('later')) : undefined;
    };
    new Interval(EVERY_MS, call, guardOf(caught), clock).start();
    untilAt(clock, 250);
    await new Promise(setImmediate);
    untilAt(clock, 350);
    expect(calls).toBe(3);
    expect(caught.map((error) => (error as Error).message)).toEqual(['at once', 'later']);
  });

  it('stops once the call that is under way has ended, also when it fails', async () => {
    const clock = new SimulatedClock(0);
    let fail!: (error: Error) => void;
    const call = (): Promise<void> => new Promise((_, reject) => (fail = reject));
    const interval = new Interval(EVERY_MS, call, guardOf([]), clock).start();
    untilAt(clock, 150);
    let hasStopped = false;
    const stopped = interval.stop().then(() => (hasStopped = true));
    await new Promise(setImmediate);
    expect(hasStopped).toBe(false);
    fail(new Error('late'));
    await stopped;
    expect(clock.step(10_000)).toBe(false);
  });
});
