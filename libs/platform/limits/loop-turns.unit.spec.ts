import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { LoopTurns, TurnShare } from './loop-turns.js';

/** An event loop of which each turn is begun by hand, and whose work takes the time that is said. */
const scene = (ms: number) => {
  let now = 0;
  let isBroken = false;
  let due: (() => void)[] = [];
  const turns = new LoopTurns(
    ms,
    () => {
      if (!isBroken) return now;
      isBroken = false;
      throw new Error('the clock is broken');
    },
    (call) => void due.push(call),
  );
  return {
    turns,
    work: (took: number) => void (now += took),
    next: () => {
      const calls = due;
      due = [];
      for (const call of calls) call();
    },
    isDue: () => due.length > 0,
    /** Makes the clock throw when it is asked the next time. */
    breakClock: () => void (isBroken = true),
  };
};

describe('turns of the event loop', () => {
  it('have room until their time is used up, and again in the next turn', () => {
    const { turns, work, next } = scene(4);
    expect(turns.hasRoom).toBe(true);
    work(3.9);
    expect(turns.hasRoom).toBe(true);
    work(0.1);
    expect(turns.hasRoom).toBe(false);
    next();
    expect(turns.hasRoom).toBe(true);
  });

  it('stop once nobody asks for one', () => {
    const { turns, next, isDue } = scene(4);
    expect(turns.hasRoom).toBe(true);
    next();
    expect(isDue()).toBe(false);
  });

  it('leave what comes after those who waited a turn’s whole time', () => {
    const { turns, work, next } = scene(4);
    turns.wait(() => work(100));
    next();
    expect(turns.hasRoom).toBe(true);
  });

  it('go on when one of the calls throws, which ends what depends on it', () => {
    const { turns, next } = scene(4);
    const seen: string[] = [];
    turns.wait(
      () => {
        throw new Error('broken');
      },
      () => void seen.push('ended'),
    );
    turns.wait(() => void seen.push('called'));
    next();
    expect(seen).toEqual(['ended', 'called']);
  });

  it('go on after a fault that comes before any of the calls', () => {
    const { turns, next, breakClock } = scene(4);
    let called = 0;
    turns.wait(() => void (called += 1));
    breakClock();
    next();
    expect(called).toBe(0);
    next();
    expect(called).toBe(1);
  });

  it('are given in the order in which they were asked for, each time in a later one, in none more than its time', () => {
    const jobs = fc.array(fc.record({ took: fc.integer({ min: 0, max: 10 }), again: fc.nat(3) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(jobs, (asked) => {
        const { turns, work, next, isDue } = scene(8);
        const calls: { job: number; turn: number }[] = [];
        let [turn, used] = [0, 0];
        const call = (job: number, left: number) => (): void => {
          expect(used).toBeLessThan(8);
          calls.push({ job, turn });
          used += asked[job]!.took;
          work(asked[job]!.took);
          if (left > 0) turns.wait(call(job, left - 1));
        };
        asked.forEach(({ again }, job) => turns.wait(call(job, again)));
        for (; isDue(); turn += 1) {
          used = 0;
          next();
        }
        expect(calls).toHaveLength(asked.reduce((sum, { again }) => sum + again + 1, 0));
        const first = calls.filter(({ job }, index) => calls.findIndex((one) => one.job === job) === index);
        expect(first.map(({ job }) => job)).toEqual(asked.map((_, job) => job));
        for (const job of asked.keys()) {
          const own = calls.filter((one) => one.job === job).map((one) => one.turn);
          expect(new Set(own).size).toBe(own.length);
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });
});

describe('a share in turns', () => {
  it('is a fixed number of calls in each turn, and no more than there is room for', () => {
    const { turns, work, next } = scene(4);
    const [one, other] = [new TurnShare(turns, 2), new TurnShare(turns, 2)];
    expect([one.take(), one.take(), one.take(), other.take()]).toEqual([true, true, false, true]);
    work(4);
    expect(other.take()).toBe(false);
    next();
    expect([one.take(), one.take(), one.take()]).toEqual([true, true, false]);
  });
});
