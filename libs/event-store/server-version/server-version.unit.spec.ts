import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, formatVersion, isSupported, parseServerVersion } from './server-version.js';

describe('the version a server names', () => {
  it('is read whatever is put behind it', () => {
    for (const text of ['24.10.4', '24.10.4.0', 'v24.10.4', '24.10.4-rc1', ' 24.10.4 '])
      expect(parseServerVersion(text)).toEqual({ year: 24, month: 10, patch: 4 });
  });
  it('is undefined when the text is not a version', () => {
    for (const text of ['', 'unknown', '24.10', 'twenty', '0.0.0.0', '24.10.x', '-1.2.3'])
      expect(parseServerVersion(text)).toBeUndefined();
  });
  it('decides whether Verbatim runs on it', () => {
    for (const text of ['20.10.5', '21.10.11', '22.10.5', '23.6.0', '23.9.9'])
      expect(isSupported(text)).toBe(false);
    for (const text of ['23.10.0', '23.10.1', '24.2.0', '24.10.4', '25.0.0', '26.1.0'])
      expect(isSupported(text)).toBe(true);
  });
  it('is accepted when a build has none', () => {
    for (const text of ['0.0.0.0', 'nightly']) expect(isSupported(text)).toBe(true);
  });
  it('has the order of its numbers, not of its text', () => {
    const part = fc.integer({ min: 1, max: 99 });
    const version = fc.record({ year: part, month: part, patch: part });
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(parseServerVersion(formatVersion(a))).toEqual(a);
        const number = (v: typeof a): number => (v.year * 100 + v.month) * 100 + v.patch;
        expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(number(a) - number(b)));
      }),
    );
  });
});
