import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standstillAfter } from './standstill.js';
import type { Marks, Standstill } from './standstill.js';

const looks = (marks: readonly Marks[]): Standstill | undefined => {
  let standstill: Standstill | undefined;
  for (const mark of marks) standstill = standstillAfter(standstill, mark);
  return standstill;
};

describe('a look at a component', () => {
  it.each<[string, Marks[], number | undefined]>([
    ['idle is no standstill, for however long', [w(0, 5), w(0, 5), w(0, 5)], undefined],
    ['nor is work that moves', [w(9, 1), w(9, 2), w(9, 3)], 0],
    ['work that does not move is, counted from when it was first seen', [w(9, 1), w(9, 1), w(7, 1)], 2],
    ['one piece done begins it anew', [w(9, 1), w(9, 1), w(9, 2), w(9, 2)], 1],
    ['work that was given up ends it', [w(9, 1), w(9, 1), w(0, 1)], undefined],
    ['idle time before the work does not count', [w(0, 1), w(0, 1), w(1, 1)], 0],
  ])('%s', (_, marks, expected) => {
    expect(looks(marks)?.looks).toBe(expected);
  });

  it('counts the looks since the last progress or empty queue', () => {
    const marks = fc.record({ waiting: fc.nat(2), done: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(marks, { size: 'max', maxLength: 60 }), (all) => {
        const last = all.at(-1);
        let count = -1;
        for (const mark of all.toReversed()) {
          if (mark.waiting === 0 || mark.done !== last!.done) break;
          count += 1;
        }
        expect(looks(all)?.looks ?? -1).toBe(count);
      }),
    );
  });
});

function w(waiting: number, done: number): Marks {
  return { waiting, done };
}
