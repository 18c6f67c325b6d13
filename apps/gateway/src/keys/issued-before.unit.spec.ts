import { describe, expect, it } from 'vitest';
import { issuedBeforeOf } from './issued-before.js';

const NOON = Date.parse('2026-11-29T12:00:00Z');
const DIGEST = '0123456789abcdef0123456789abcdef';

describe('the time for revoking all tokens issued before it', () => {
  it('may be left out, whatever is revoked', () => expect(issuedBeforeOf('abcd2345', {}, NOON)).toEqual({}));

  it.each(['sub', 'bot', 'iss'])('may be now at the latest (%s)', (kind) => {
    const before = (issuedBefore: string) => issuedBeforeOf(`${kind}.${DIGEST}`, { issuedBefore }, NOON);
    expect(before('2026-11-29T13:00:00+01:00')).toEqual({ issuedBefore: NOON });
    expect(() => before('2026-11-29T12:00:00.001Z')).toThrow('must not be in the future');
  });

  it.each(['abcd2345', `jwt.${DIGEST}`, `sub.${DIGEST}0`])('is for many tokens, not for %s', (keyId) => {
    expect(() => issuedBeforeOf(keyId, { issuedBefore: '2026-11-29' }, NOON)).toThrow('is for tokens only');
  });
});
