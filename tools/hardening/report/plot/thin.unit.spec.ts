import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Point } from '../hardening-report.js';
import { thin } from './thin.js';

const values = fc.oneof(
  { weight: 9, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);
const series = fc.array(fc.tuple(fc.nat(50), values), { maxLength: 400 }).map((steps) => {
  let at = 0;
  return steps.map(([step, value]): Point => [(at += step), value]);
});
const finite = (points: readonly Point[]): number[] =>
  points.map(([, value]) => value).filter(Number.isFinite);

describe('thinned points', () => {
  it('are some of the points, in their order, at most five a stretch', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 40 }), (points, stretches) => {
        const kept = thin(points, stretches);
        expect(kept.length).toBeLessThanOrEqual(5 * stretches);
        let from = 0;
        for (const point of kept) {
          from = points.indexOf(point, from) + 1;
          expect(from).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('keep the lowest, the highest, the first and the last', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 40 }), (points, stretches) => {
        const [all, kept] = [finite(points), finite(thin(points, stretches))];
        expect([Math.min(...kept), Math.max(...kept), kept[0], kept.at(-1)]).toEqual([
          Math.min(...all),
          Math.max(...all),
          all[0],
          all.at(-1),
        ]);
      }),
    );
  });

  it('keep a gap, and a spike of one point among tens of thousands', () => {
    const points = Array.from({ length: 50_000 }, (_, at): Point => [
      at,
      at === 31_007 ? 900 : at === 7 ? Number.NaN : 5,
    ]);
    const kept = thin(points, 200);
    expect(kept).toContainEqual([31_007, 900]);
    expect(kept).toContainEqual([7, Number.NaN]);
    expect(kept.length).toBeLessThan(600);
  });

  it('are all of the points when there are few; many of one moment become two', () => {
    const few: Point[] = [[1, 2]];
    expect(thin(few, 10)).toBe(few);
    expect(thin([], 10)).toEqual([]);
    const alike = Array.from({ length: 20 }, (): Point => [3, 1]);
    expect(thin(alike, 2)).toHaveLength(2);
  });
});
