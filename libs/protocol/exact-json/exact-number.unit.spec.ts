import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepsItsValue } from './exact-number.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const SPELLING = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Returns the value as a whole number of the smallest unit that any literal in this spec has. */
const inUnits = (literal: string): bigint => {
  const [, sign, whole = '', fraction = '', exponent = '0'] = SPELLING.exec(literal)!;
  const shift = 1_000 + Number(exponent) - fraction.length;
  return BigInt(`${sign}${whole}${fraction}`) * 10n ** BigInt(shift);
};

const digits = fc.stringMatching(/^(0|[1-9]\d{0,24})$/);
const literals = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.option(fc.stringMatching(/^\d{1,24}$/), { nil: undefined }),
    fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), fc.nat(500)), { nil: undefined }),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent?.join('') ?? ''}`,
  );

describe('a number of a JSON text', () => {
  it('is kept exactly when the double that is written again has the same value', () => {
    fc.assert(
      fc.property(literals, (literal) => {
        const value = Number(literal);
        const isSame =
          Number.isFinite(value) && !Object.is(value, -0) && inUnits(String(value)) === inUnits(literal);
        expect(keepsItsValue(literal)).toBe(isSame);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it('is kept however a double is spelled', () => {
    const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0));
    fc.assert(
      fc.property(doubles, (value) => {
        const spellings = [String(value), value.toExponential(), value.toExponential().toUpperCase()];
        for (const spelling of spellings)
          expect([spelling, keepsItsValue(spelling)]).toEqual([spelling, true]);
      }),
    );
  });

  it.each([
    '1.0',
    '1E5',
    '1e22',
    '5e-324',
    '0.1',
    '-0.10',
    '0e999',
    '1285704473650888700',
    '100e-2',
    '2.50E+1',
  ])('is kept: %s', (literal) => {
    expect(keepsItsValue(literal)).toBe(true);
  });

  it.each([
    '1285704473650888702',
    '9007199254740993',
    '0.1000000000000000055511151231257827',
    '1e400',
    '-1e400',
    '1e-400',
    '-0',
    '-0.0',
    '-0e5',
    '3.14159265358979323846',
    '1e99999999999999999999',
  ])('is not: %s', (literal) => {
    expect(keepsItsValue(literal)).toBe(false);
  });
});
