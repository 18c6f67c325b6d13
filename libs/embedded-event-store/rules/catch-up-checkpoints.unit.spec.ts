import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CatchUpCheckpoints } from './catch-up-checkpoints.js';
import { BEFORE_ALL, comparePositions, positionAt, type LogPosition } from './log-position.js';

/** Reads a log from position 100 on, with ten bytes per event. `matching` lists the numbers of the matching events. */
const catchUp = (
  pace: { window: number; interval: number },
  count: number,
  matching: readonly number[] = [],
  told: LogPosition = BEFORE_ALL,
): LogPosition[] => {
  const checkpoints = new CatchUpCheckpoints(pace, told);
  const due: LogPosition[] = [];
  for (let i = 0; i < count; i += 1) {
    const checkpoint = checkpoints.passed(
      { position: 100 + 10 * i, next: 110 + 10 * i },
      matching.includes(i),
    );
    if (checkpoint) due.push(checkpoint);
  }
  return [...due, checkpoints.reachedEnd()];
};
const beforeEvent = (i: number): LogPosition => ({ commit: 100 + 10 * i, prepare: 0 });
const ofEvent = (i: number): LogPosition => positionAt(100 + 10 * i);

describe('the checkpoints of a filtered subscription that catches up', () => {
  it('are only the start when the log is shorter than the interval', () => {
    expect(catchUp({ window: 10, interval: 100 }, 25, [], ofEvent(0))).toEqual([ofEvent(0)]);
  });
  it('are "before all" when it began at the start and no event matched', () => {
    expect(catchUp({ window: 32, interval: 32 }, 5)).toEqual([BEFORE_ALL]);
    expect(catchUp({ window: 32, interval: 32 }, 0)).toEqual([BEFORE_ALL]);
  });
  it('come with the page that fills the interval, and name where it begins', () => {
    expect(catchUp({ window: 10, interval: 20 }, 45)).toEqual([
      beforeEvent(10),
      beforeEvent(30),
      beforeEvent(30),
    ]);
  });
  it('name the beginning of the log when its first page fills the interval', () => {
    expect(catchUp({ window: 5, interval: 5 }, 5)).toEqual([positionAt(0), positionAt(0)]);
  });
  it('name the last event delivered where that is later', () => {
    expect(catchUp({ window: 10, interval: 20 }, 25, [3, 17])).toEqual([ofEvent(17), ofEvent(17)]);
    expect(catchUp({ window: 10, interval: 20 }, 25, [24])).toEqual([beforeEvent(10), ofEvent(24)]);
  });
  it('come after pages of 32 events where the filter lets all through', () => {
    const all = Array.from({ length: 100 }, (_, i) => i);
    expect(catchUp({ window: 50, interval: 50 }, 100, all)).toEqual([ofEvent(63), ofEvent(99)]);
  });
  it('count the last delivered event, with which the first page begins', () => {
    expect(catchUp({ window: 1, interval: 1 }, 3, [], ofEvent(0))).toEqual([
      ofEvent(0),
      beforeEvent(1),
      beforeEvent(2),
      beforeEvent(2),
    ]);
    expect(catchUp({ window: 3, interval: 3 }, 2, [], ofEvent(0))).toEqual([ofEvent(0)]);
  });

  it('never go back, nor beyond what was read', () => {
    const pace = fc.record({
      window: fc.integer({ min: 1, max: 40 }),
      interval: fc.integer({ min: 1, max: 90 }),
    });
    fc.assert(
      fc.property(pace, fc.array(fc.boolean(), { maxLength: 150 }), (given, matches) => {
        const checkpoints = new CatchUpCheckpoints(given, BEFORE_ALL);
        let last = BEFORE_ALL;
        matches.forEach((matched, i) => {
          const due = checkpoints.passed({ position: 100 + 10 * i, next: 110 + 10 * i }, matched);
          if (!due) return;
          expect(comparePositions(due, last)).toBeGreaterThanOrEqual(0);
          expect(comparePositions(due, ofEvent(i))).toBeLessThanOrEqual(0);
          last = due;
        });
      }),
    );
  });
});
