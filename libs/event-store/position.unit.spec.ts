import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOG_START, comparePositions, formatPosition, parsePosition } from './position.js';

describe('positions', () => {
  it('are compared as numbers, not as text', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 63n - 2n), fc.bigInt(0n, 2n ** 63n - 2n), (a, b) => {
        const [left, right] = [parsePosition(String(a)), parsePosition(String(b))];
        expect(Math.sign(comparePositions(left, right))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('can be read back from their text', () => {
    expect(parsePosition(formatPosition({ commit: 42n, prepare: 42n }))).toEqual({
      commit: 42n,
      prepare: 42n,
    });
    expect(comparePositions(LOG_START, parsePosition('0'))).toBeLessThan(0);
  });

  it.each(['', '-1', '1.5', 'x', '9223372036854775807', '9223372036854775808', '1e3'])(
    'refuse %j',
    (text) => {
      expect(() => parsePosition(text)).toThrow(RangeError);
    },
  );
});
