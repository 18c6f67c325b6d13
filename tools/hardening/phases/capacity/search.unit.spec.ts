import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learn, nextProbe, NOTHING_KNOWN } from './search.js';
import type { Search, SearchPlan } from './search.js';

const PLAN: SearchPlan = { first: 1_000, most: 64_000, unit: 50, within: 0.05, probes: 20 };

/** Searches where every value up to `capacity` holds, and returns what was probed. */
const search = (capacity: number, plan: SearchPlan): { probed: number[]; found: Search } => {
  const probed: number[] = [];
  let found = NOTHING_KNOWN;
  for (let next = nextProbe(found, plan); next !== undefined; next = nextProbe(found, plan)) {
    probed.push(next);
    found = learn(found, next, next <= capacity);
  }
  return { probed, found };
};

describe('the search for the highest value that holds', () => {
  it('doubles until something fails, then halves', () => {
    expect(search(2_800, PLAN)).toEqual({
      probed: [1_000, 2_000, 4_000, 3_000, 2_500, 2_750, 2_850],
      found: { held: 2_750, failed: 2_850, probes: 7 },
    });
  });

  it('goes down when the first probe fails', () => {
    expect(search(120, PLAN).probed).toEqual([1_000, 500, 250, 100, 150]);
    expect(search(0, PLAN).found).toEqual({ held: 0, failed: 50, probes: 5 });
  });

  it('ends at the highest allowed value when that holds', () => {
    expect(search(1_000_000, { ...PLAN, most: 3_000 })).toEqual({
      probed: [1_000, 2_000, 3_000],
      found: { held: 3_000, probes: 3 },
    });
  });

  it('makes no more probes than it may', () => {
    expect(search(2_800, { ...PLAN, probes: 3 }).probed).toEqual([1_000, 2_000, 4_000]);
  });

  it('finds any capacity within the tolerance, and never probes what it knows', () => {
    const plans = fc.record({
      unit: fc.constantFrom(1, 10, 50),
      first: fc.integer({ min: 1, max: 40 }),
      most: fc.integer({ min: 40, max: 2_000 }),
      within: fc.double({ min: 0, max: 0.2, noNaN: true }),
    });
    fc.assert(
      fc.property(plans, fc.nat(120_000), ({ unit, first, most, within }, capacity) => {
        const plan = { unit, first: first * unit, most: most * unit, within, probes: 1_000 };
        const { probed, found } = search(capacity, plan);
        expect(new Set(probed).size).toBe(probed.length);
        expect(probed.every((value) => value > 0 && value <= plan.most && value % unit === 0)).toBe(true);
        expect(found.held).toBeLessThanOrEqual(capacity);
        expect(found.held === 0 || probed.includes(found.held)).toBe(true);
        if (found.failed === undefined) expect(found.held).toBe(plan.most);
        else {
          expect(found.failed).toBeGreaterThan(capacity);
          expect(found.failed - found.held).toBeLessThanOrEqual(Math.max(unit, within * found.held));
        }
      }),
    );
  });
});
