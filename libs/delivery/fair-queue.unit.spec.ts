import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';
import type { Rest } from './fair-queue.js';

/** Lets tasks start one at a time, when the test says so. */
const setUp = (slots: number, rest?: Rest) => {
  const due: (() => void)[] = [];
  const rests: number[] = [];
  const clock = {
    soon: (call: () => void) => void due.push(call),
    elapsed: () => now.ms,
    after: (ms: number, call: () => void) => {
      rests.push(ms);
      due.push(() => {
        now.ms += ms;
        call();
      });
      return () => undefined;
    },
  };
  const now = { ms: 0 };
  const queue = new FairQueue(slots, clock, rest);
  const runOut = async (): Promise<void> => {
    while (due.length > 0) {
      due.shift()!();
      await new Promise(setImmediate);
    }
  };
  return { queue, due, rests, now, runOut };
};

describe('a fair queue', () => {
  it('takes turns: an owner with many tasks waits behind one with few', async () => {
    const { queue, runOut } = setUp(1);
    const ran: string[] = [];
    const [greedy, modest] = [{}, {}];
    for (const n of [1, 2, 3]) queue.enqueueTask(greedy, () => ran.push(`greedy ${n}`));
    queue.enqueueTask(modest, () => ran.push('modest 1'));
    await runOut();
    expect(ran).toEqual(['greedy 1', 'greedy 2', 'modest 1', 'greedy 3']);
  });

  it('runs as many as it has slots, until they have settled', async () => {
    const { queue, runOut } = setUp(2);
    const open: (() => void)[] = [];
    for (let n = 0; n < 3; n += 1)
      queue.enqueueTask({}, () => new Promise<void>((resolve) => void open.push(resolve)));
    await runOut();
    expect(open).toHaveLength(2);
    open[0]!();
    await new Promise(setImmediate);
    await runOut();
    expect(open).toHaveLength(3);
  });

  it('rests on all slots after a task, for as long as it is told to, before the next one starts', async () => {
    const { queue, rests, now, due, runOut } = setUp(2, (tookMs) => 2 * tookMs);
    const ran: number[] = [];
    const takes = (took: number): void =>
      queue.enqueueTask({}, () => {
        ran.push(took);
        now.ms += took;
      });
    takes(5);
    due.shift()!();
    await new Promise(setImmediate);
    for (const took of [7, 0, 1]) takes(took);
    expect([ran, rests]).toEqual([[5], [10]]);
    await runOut();
    expect([ran, rests]).toEqual([
      [5, 7, 0, 1],
      [10, 14],
    ]);
  });

  it('starts nothing in the turn of the event loop in which it was asked', () => {
    const { queue } = setUp(1);
    let ran = false;
    queue.enqueueTask({}, () => (ran = true));
    expect(ran).toBe(false);
  });

  it('keeps the order of each owner, runs everything, and passes over nobody twice', async () => {
    const entries = fc.array(fc.nat(4), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 3 }), async (whose, slots) => {
        const { queue, runOut } = setUp(slots);
        const owners = Array.from({ length: 5 }, () => ({}));
        const ran: [number, number][] = [];
        whose.forEach((owner, index) => queue.enqueueTask(owners[owner]!, () => ran.push([owner, index])));
        await runOut();
        expect(ran).toHaveLength(whose.length);
        for (const owner of owners.keys()) {
          const own = ran.filter(([one]) => one === owner).map(([, index]) => index);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
