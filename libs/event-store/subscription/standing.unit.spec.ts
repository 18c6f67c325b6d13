import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from '#test/support/positioned-event.js';
import { PROOF_LOOKS, looksNeeded, standingAfter } from './standing.js';
import type { Look, Standing } from './standing.js';

const HERE = at(5);

const afterLooks = (looks: readonly Look[], place = HERE): Standing | undefined => {
  let standing: Standing | undefined;
  for (const look of looks) standing = standingAfter(standing, place, look);
  return standing;
};

describe('what looks say about a source that waits', () => {
  it.each<[string, Look[], number]>([
    ['one that is level does not stand', ['level', 'level'], 0],
    ['each look that finds more behind its place counts', ['behind', 'behind'], 2],
    ['one level look clears it', ['behind', 'behind', 'level'], 0],
    ['a look without an answer proves nothing', ['behind', 'unknown', 'behind', 'unknown'], 2],
    ['a store that answers no look proves nothing, for however long', ['unknown', 'unknown', 'unknown'], 0],
  ])('%s', (_, looks, count) => {
    expect(afterLooks(looks)?.looks ?? 0).toBe(count);
  });

  it('begins anew at another place', () => {
    const before = afterLooks(['behind', 'behind']);
    expect(standingAfter(before, at(6), 'behind')).toEqual({ place: at(6), looks: 1 });
    expect(standingAfter(before, at(6), 'unknown')?.looks).toBe(0);
  });

  it('counts the looks behind since the last level one', () => {
    const look = fc.constantFrom<Look>('behind', 'level', 'unknown');
    fc.assert(
      fc.property(fc.array(look), (looks) => {
        const since = looks.slice(looks.lastIndexOf('level') + 1);
        expect(afterLooks(looks)?.looks ?? 0).toBe(since.filter((one) => one === 'behind').length);
      }),
    );
  });
});

it('The proof takes twice as long each time that it was in vain, up to a limit', () => {
  expect([0, 1, 2].map(looksNeeded)).toEqual([PROOF_LOOKS, 2 * PROOF_LOOKS, 4 * PROOF_LOOKS]);
  expect(looksNeeded(1_000)).toBe(looksNeeded(5));
});
