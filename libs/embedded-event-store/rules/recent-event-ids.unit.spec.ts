import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentEventIds } from './recent-event-ids.js';

const STREAM = 7;
const NAME = 'ab';
/** Bytes of an id: 28, and two for each character of the stream's name. */
const ENTRY = 32;
const id = (number: number): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(number, 4);
  return bytes;
};

it('An id is found in its own stream only', () => {
  const recent = new RecentEventIds();
  recent.rememberId(id(1), STREAM, NAME, 4);
  expect(recent.revisionIn(STREAM, id(1))).toBe(4);
  expect(recent.revisionIn(8, id(1))).toBeUndefined();
  expect(recent.revisionIn(STREAM, id(2))).toBeUndefined();
});

it('An id written twice keeps its first place', () => {
  const recent = new RecentEventIds();
  recent.rememberId(id(1), STREAM, NAME, 4);
  recent.rememberId(id(1), STREAM, NAME, 5);
  expect(recent.revisionIn(STREAM, id(1))).toBe(4);
});

it('The oldest are forgotten when there are too many, however many came before', () => {
  const recent = new RecentEventIds(10 * ENTRY);
  for (let i = 0; i < 1000; i += 1) recent.rememberId(id(i), STREAM, NAME, i);
  const known = Array.from({ length: 1000 }, (_, i) => recent.revisionIn(STREAM, id(i))).filter(
    (revision) => revision !== undefined,
  );
  expect(known).toEqual([989, 990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
});

it('Whatever is added and removed, it knows the same as a plain list of the newest', () => {
  const step = fc.oneof(fc.record({ add: fc.nat(60) }), fc.record({ takeBack: fc.nat(5) }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const recent = new RecentEventIds(9 * ENTRY);
      let list: { number: number; revision: number }[] = [];
      for (const [revision, change] of steps.entries()) {
        if ('takeBack' in change) {
          const count = Math.min(change.takeBack, list.length);
          recent.forgetSince(recent.mark - count);
          list = list.slice(0, list.length - count);
        } else if (list.every(({ number }) => number !== change.add)) {
          recent.rememberId(id(change.add), STREAM, NAME, revision);
          list = [...list, { number: change.add, revision }].slice(-10);
        }
        for (let number = 0; number <= 60; number += 1)
          expect(recent.revisionIn(STREAM, id(number))).toBe(
            list.find((entry) => entry.number === number)?.revision,
          );
      }
    }),
  );
});
