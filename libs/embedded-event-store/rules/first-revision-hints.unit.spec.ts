import { expect, it } from 'vitest';
import { firstRevisionHints } from './first-revision-hints.js';

it.each([
  ['within the stream', 0, 100, { first: 0, last: 9 }, []],
  ['where the beginning is gone within the first page', 0, 100, { first: 5, last: 9 }, []],
  ['where the beginning is gone beyond the first page', 0, 100, { first: 40, last: 50 }, [40]],
  ['where the beginning is gone beyond the few events asked for', 0, 2, { first: 5, last: 9 }, [5]],
  ['from beyond the end', 99, 100, { first: 0, last: 9 }, [10]],
  ['from just after the end', 10, 100, { first: 0, last: 9 }, []],
  ['where all events are too old', 0, 100, { first: 10, last: 9 }, [10]],
] as const)('A read %s names %j', (_title, from, limit, stream, hints) => {
  expect(firstRevisionHints(from, limit, stream)).toEqual(hints);
});
