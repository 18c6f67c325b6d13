import { describe, expect, it } from 'vitest';
import { expiryOf } from './expiry.js';

const NOON = Date.parse('2026-11-29T12:00:00Z');

describe('the end of a key', () => {
  it('may be left out', () => expect(expiryOf({}, NOON)).toEqual({}));

  it.each([
    ['2026-11-29T13:30:00+01:00', '2026-11-29T12:30:00.000Z'],
    ['2026-11-30', '2026-11-30T00:00:00.000Z'],
    ['2026-11-29T12:00:00.001Z', '2026-11-29T12:00:00.001Z'],
  ])('%s is kept in UTC', (given, kept) =>
    expect(expiryOf({ expiresAt: given }, NOON)).toEqual({ expiresAt: kept }),
  );

  it.each(['2026-11-29', '2026-11-29T12:00:00Z', '2026-11-29T12:59:00+01:00'])('%s is over', (given) => {
    expect(() => expiryOf({ expiresAt: given }, NOON)).toThrow(
      expect.objectContaining({ code: 'invalid_payload' }),
    );
  });
});
