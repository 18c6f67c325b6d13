import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WAVE_INTERVAL_MS, wavesOf } from './farewell-waves.js';

const connections = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('the waves of a farewell', () => {
  it('contain every connection once', () => {
    fc.assert(
      fc.property(fc.nat({ max: 20_000 }), (count) => {
        expect(wavesOf(connections(count)).flat()).toEqual(connections(count));
      }),
    );
  });

  it('close 500 connections a second, and all within ten seconds', () => {
    for (const [count, waves, largest] of [
      [0, 0, 0],
      [1, 1, 1],
      [25, 1, 25],
      [500, 20, 25],
      [5_000, 200, 25],
      [20_000, 200, 100],
    ] as const) {
      const split = wavesOf(connections(count));
      expect(split).toHaveLength(waves);
      expect(Math.max(0, ...split.map(({ length }) => length))).toBe(largest);
      expect(split.length * WAVE_INTERVAL_MS).toBeLessThanOrEqual(10_000);
    }
  });
});
