import { expect, it } from 'vitest';
import { RecentEventIds } from './recent-event-ids.js';

const STREAM = 'ab';
/** An id counts 28 bytes and two a character of the stream's name. */
const ENTRY = 32;

it('An id is found in its own stream only', () => {
  const recent = new RecentEventIds();
  recent.add('x', STREAM, 4);
  expect(recent.revisionIn(STREAM, 'x')).toBe(4);
  expect(recent.revisionIn('other', 'x')).toBeUndefined();
  expect(recent.revisionIn(STREAM, 'y')).toBeUndefined();
});

it('An id written twice keeps its first place', () => {
  const recent = new RecentEventIds();
  recent.add('x', STREAM, 4);
  recent.add('x', STREAM, 5);
  expect(recent.revisionIn(STREAM, 'x')).toBe(4);
});

it('The oldest are forgotten when there are too many, however many came before', () => {
  const recent = new RecentEventIds(10 * ENTRY);
  for (let i = 0; i < 1000; i += 1) recent.add(`id ${i}`, STREAM, i);
  const known = Array.from({ length: 1000 }, (_, i) => recent.revisionIn(STREAM, `id ${i}`)).filter(
    (revision) => revision !== undefined,
  );
  expect(known).toEqual([989, 990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
});
