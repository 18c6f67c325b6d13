import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Place } from '#libs/delivery/place.js';
import { SET_ASIDE } from '#libs/delivery/place.js';
import { HeldPages } from './held-pages.js';
import { ReadAhead } from './read-ahead.js';

const placeAt = (seq: number): Place => ({
  kind: SET_ASIDE,
  channel: 'ops',
  seq,
  at: '2026-11-30T00:00:00.000Z',
});

/** Makes a reader whose reads are carried out when `carryOut` is called, and notes which were. */
const reader = (held: HeldPages) => {
  const waiting: (() => void)[] = [];
  const carriedOut: number[] = [];
  const ahead = new ReadAhead(
    held,
    (after, isWanted) =>
      new Promise((resolve) =>
        waiting.push(() => {
          if (isWanted()) carriedOut.push(after);
          resolve(isWanted() ? [placeAt(after + 1)] : undefined);
        }),
      ),
  );
  return { ahead, carriedOut, carryOut: () => waiting.splice(0).forEach((run) => run()) };
};

describe('a page that is read ahead', () => {
  it('is given to whoever asks for what follows that place, once', async () => {
    const { ahead, carryOut } = reader(new HeldPages());
    ahead.begin(7);
    const places = ahead.take(7);
    carryOut();
    expect(await places).toEqual([placeAt(8)]);
    expect(ahead.take(7)).toBeUndefined();
  });

  it('is not given to who asks for another place, and then not read', () => {
    const { ahead, carryOut, carriedOut } = reader(new HeldPages());
    ahead.begin(7);
    expect(ahead.take(8)).toBeUndefined();
    expect(ahead.take(7)).toBeUndefined();
    carryOut();
    expect(carriedOut).toEqual([]);
  });

  it('is not read when it was dropped or replaced before its turn came', () => {
    const { ahead, carryOut, carriedOut } = reader(new HeldPages());
    ahead.begin(1);
    ahead.begin(2);
    carryOut();
    ahead.begin(3);
    ahead.drop();
    carryOut();
    expect(carriedOut).toEqual([2]);
  });
});

describe('pages that are held', () => {
  it('are never more than the limit, and the oldest that nobody took is given up', () => {
    const step = fc.tuple(fc.constantFrom('begin', 'begin', 'take', 'drop'), fc.nat(5));
    const many = fc.array(step, { minLength: 10, maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(many, fc.integer({ min: 1, max: 4 }), (steps, most) => {
        const held = new HeldPages(most);
        const readers = Array.from({ length: 6 }, () => reader(held).ahead);
        let due: number[] = [];
        for (const [what, which] of steps) {
          due = due.filter((one) => one !== which);
          if (what === 'begin') {
            readers[which]!.begin(0);
            due = [...due, which].slice(-most);
          } else if (what === 'drop') readers[which]!.drop();
          else void readers[which]!.take(0);
        }
        const there = readers.flatMap((one, index) => (one.take(0) ? [index] : []));
        expect(there).toEqual(due.toSorted((one, other) => one - other));
      }),
    );
  });
});
