import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trendOf, windowed, type Point } from './trend.js';

const line = (slope: number, noise: (index: number) => number = () => 0): Point[] =>
  Array.from({ length: 50 }, (_, index) => [index / 2, 250 + slope * (index / 2) + noise(index)] as const);

describe('a trend', () => {
  it('is the slope of a line, wherever it begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), (slope) => {
        const trend = trendOf(line(slope));
        expect(trend.slope).toBeCloseTo(slope, 6);
        expect(trend.low).toBeCloseTo(slope, 6);
        expect(trend.high).toBeCloseTo(slope, 6);
      }),
    );
  });

  it('is not moved by single values, however extreme', () => {
    expect(trendOf(line(0.1, (index) => (index % 10 === 9 ? 500 : 0))).slope).toBeCloseTo(0.1, 1);
  });

  it('lies within its bounds, and noise without a trend has bounds on both sides of 0', () => {
    const noise = line(0, (index) => ((index * 7919) % 31) - 15);
    const { slope, low, high } = trendOf(noise);
    expect(low).toBeLessThan(slope);
    expect(high).toBeGreaterThan(slope);
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });

  it('has a lower bound above 0 when something grows faster than its noise', () => {
    expect(trendOf(line(1, (index) => ((index * 7919) % 31) / 5 - 3)).low).toBeGreaterThan(0.5);
  });

  it('needs three points', () => {
    expect(
      trendOf([
        [0, 1],
        [1, 2],
      ]).slope,
    ).toBeNaN();
  });
});

describe('windows', () => {
  it('hold the median of their values at the middle of their time, and do not exist where there are no points', () => {
    const points: Point[] = [
      [0.1, 5],
      [0.2, 500],
      [0.3, 6],
      [3.9, 8],
      [3.1, 10],
    ];
    expect(windowed(points, 1)).toEqual([
      [0.5, 6],
      [3.5, 9],
    ]);
  });
});
