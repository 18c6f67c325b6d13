import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Places } from './places.js';

const LIMITS = { shared: 32, firsts: 32 };

/** Takes as many places as a key gets. */
const takeAll = (places: Places, key: string): (() => void)[] => {
  const taken: (() => void)[] = [];
  for (let release = places.takePlace(key); release; release = places.takePlace(key)) taken.push(release);
  return taken;
};

describe('places that keys share', () => {
  it('never all go to one key: half are left for others, and half of those for others again', () => {
    const places = new Places(LIMITS);
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => takeAll(places, key).length)).toEqual([
      16, 8, 4, 2, 1, 1,
    ]);
  });

  it('are left for a key that has none, however many others take all they can get', () => {
    const places = new Places(LIMITS);
    for (let n = 0; n < LIMITS.firsts; n += 1) takeAll(places, `greedy-${n}`);
    expect(places.takePlace('late')).toBeDefined();
  });

  it('are given back once, even if that is called twice', () => {
    const places = new Places({ shared: 4, firsts: 0 });
    const [one] = takeAll(places, 'a');
    one!();
    one!();
    expect(takeAll(places, 'a')).toHaveLength(1);
  });

  it('never exceed their number, whoever comes and goes, and are all free after everybody has gone', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), take: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const limits = { shared: 8, firsts: 2 };
        const places = new Places(limits);
        const held: { key: string; release: () => void }[] = [];
        for (const { key, take } of steps) {
          const release = take ? places.takePlace(key) : undefined;
          if (release) held.push({ key, release });
          if (!take) held.splice(0, 1).forEach((one) => one.release());
          expect(held.length).toBeLessThanOrEqual(limits.shared + limits.firsts);
          const ofKey = held.filter((one) => one.key === key).length;
          expect(ofKey).toBeLessThanOrEqual(limits.shared / 2);
        }
        for (const { release } of held) release();
        expect(takeAll(places, 'a')).toHaveLength(limits.shared / 2);
      }),
    );
  });
});
