import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PendingChanges } from './pending-changes.js';

const CAPACITY = 5;

/** Steps in which one of eight names changes, or a push is made with the read models at some position. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('change' as const), name: fc.nat(7).map((n) => `n${n}`) }),
    fc.record({
      kind: fc.constant('push' as const),
      behind: fc.nat(4),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  ),
  { maxLength: 60 },
);

describe('changes to be told', () => {
  it('are each told in their latest state, or the whole list is read again, and never exceed the capacity', () => {
    fc.assert(
      fc.property(steps, (happened) => {
        const pending = new PendingChanges(CAPACITY, false);
        const truth = new Map<string, bigint>();
        const console = new Map<string, bigint>();
        let position = 0n;
        const push = (level: bigint, limit: number): void => {
          if (pending.takeOverflow()) for (const [name, at] of truth) console.set(name, at);
          const names = pending.dueNames(level, limit);
          expect(names.length).toBeLessThanOrEqual(limit);
          for (const name of names) console.set(name, truth.get(name)!);
          pending.removeTold(names, level);
        };
        for (const step of happened) {
          if (step.kind === 'change') {
            truth.set(step.name, ++position);
            pending.noteChange(step.name, position);
          } else push(position - BigInt(step.behind), step.limit);
          expect(pending.size).toBeLessThanOrEqual(CAPACITY);
        }
        for (let i = 0; i < CAPACITY; i += 1) push(position, 1);
        for (const [name, at] of truth) expect([name, console.get(name)]).toEqual([name, at]);
        expect(pending.size).toBe(0);
      }),
    );
  });

  it('keep their turn when they change again', () => {
    const pending = new PendingChanges(CAPACITY, false);
    for (const name of ['one', 'two', 'one']) pending.noteChange(name, 1n);
    expect(pending.dueNames(1n, 1)).toEqual(['one']);
  });

  it('stay when they change while they are told', () => {
    const pending = new PendingChanges(CAPACITY, false);
    pending.noteChange('one', 1n);
    pending.noteChange('one', 2n);
    pending.removeTold(['one'], 1n);
    expect(pending.dueNames(2n, 9)).toEqual(['one']);
  });

  it('begin with a read of the whole list, if nothing is known', () => {
    const pending = new PendingChanges(CAPACITY, true);
    expect([pending.takeOverflow(), pending.takeOverflow()]).toEqual([true, false]);
  });
});
