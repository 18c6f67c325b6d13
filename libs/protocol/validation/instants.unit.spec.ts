import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STORE_TICKS, isInstant, ticksAt } from './instants.js';

describe('an instant', () => {
  it.each([
    '2026-11-23',
    '2026-11-23T18:30Z',
    '2026-11-23T18:30:00.1+05:30',
    '2026-11-23T18:30:00.123000000Z',
    '2024-02-29',
    '0001-01-01',
  ])('is %s', (text) => expect(isInstant(text)).toBe(true));

  it.each([
    '2026-02-29',
    '2026-13-01',
    '2026-11-23T24:30:00Z',
    '2026-11-23T10:00:00',
    '2026-11-23T10:00:00.1234Z',
    '2026-11-23T10:00:00.000000001Z',
    '23.11.2026',
    '0000-01-01',
    7,
    null,
  ])('is not %s', (value) => expect(isInstant(value)).toBe(false));

  it('may be as fine as the times it is compared with, and no finer', () => {
    expect(isInstant('2026-11-23T10:00:00.1234567Z', STORE_TICKS)).toBe(true);
    expect(isInstant('2026-11-23T10:00:00.123456700Z', STORE_TICKS)).toBe(true);
    expect(isInstant('2026-11-23T10:00:00.12345671Z', STORE_TICKS)).toBe(false);
  });

  it('is read to the last of the store’s ticks', () => {
    const times = fc.date({ min: new Date(0), max: new Date('2999-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(times, fc.nat(9_999), (time, finer) => {
        const text = `${time.toISOString().slice(0, -1)}${String(finer).padStart(4, '0')}Z`;
        expect(isInstant(text, STORE_TICKS)).toBe(true);
        expect(ticksAt(text)).toBe(BigInt(time.getTime()) * 10_000n + BigInt(finer));
      }),
    );
    expect(ticksAt('1970-01-01')).toBe(0n);
    expect(ticksAt('1970-01-01T01:00:00.0000001+01:00')).toBe(1n);
  });
});
