import { expect, it } from 'vitest';
import { DELETED } from '../rules/retention.js';
import { decodeStreamState, encodeStreamState, newStream, streamKey } from './stream-state.js';

it.each([
  newStream(1),
  { ...newStream(2 ** 32 - 1), lastRevision: 2 ** 40, tombstoned: true, hasMetadata: true },
  { ...newStream(3), retention: { maxCount: 5, maxAge: 60, truncateBefore: 0 } },
  { ...newStream(3), retention: { truncateBefore: DELETED } },
])('A state comes back as it was: %j', (state) => {
  expect(decodeStreamState(encodeStreamState(state))).toEqual(state);
});

it('Long names that begin alike have different keys that LMDB takes', () => {
  const long = 'x'.repeat(3000);
  expect(streamKey(`${long}a`)).not.toEqual(streamKey(`${long}b`));
  expect(streamKey(long).length).toBeLessThanOrEqual(1978);
});
