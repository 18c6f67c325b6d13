import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { specify } from '#test/support/decider-specification.js';
import { decideAccess, evolveAccess, noOperatorKeys } from './access.decider.js';
import type { AccessCommand, RevokeOperatorKey } from './access.decider.js';
import type { AccessEvent, OperatorRole } from './access.events.js';
import { isCurrent } from './key.js';

const { given } = specify(decideAccess, evolveAccess, noOperatorKeys);

const NOON = Date.parse('2026-11-29T12:00:00.000Z');
const AT_NOON = '2026-11-29T12:00:00.000Z';

const issued = (role: OperatorRole, keyId: string, expiresAt?: string): AccessEvent => ({
  type: 'OperatorKeyIssued',
  data: { role, keyId, hash: 'h', ...(expiresAt === undefined ? {} : { expiresAt }) },
});
const revoked = (role: OperatorRole, keyId: string): AccessEvent => ({
  type: 'OperatorKeyRevoked',
  data: { role, keyId },
});
const issue = { type: 'IssueOperatorKey', role: 'auditor', keyId: 'k1', hash: 'h' } as const;
const revoke = (role: OperatorRole, keyId: string, force?: boolean): AccessCommand => ({
  type: 'RevokeOperatorKey',
  role,
  keyId,
  at: NOON,
  ...(force === undefined ? {} : { force }),
});

const revokedBefore = (keyId: string, issuedBefore = AT_NOON): AccessEvent => ({
  type: 'OperatorKeyRevoked',
  data: { role: 'admin', keyId, issuedBefore },
});
const revokeBefore = (keyId: string, issuedBefore: number): AccessCommand => ({
  ...(revoke('admin', keyId) as RevokeOperatorKey),
  issuedBefore,
});
/** Returns the time that counts for the tokens of `sub.x` after revocations with these times. */
const latestOf = (...texts: string[]): number | undefined =>
  texts
    .map((text) => revokedBefore('sub.x', text))
    .reduce(evolveAccess, noOperatorKeys)
    .tokensBefore.get('sub.x');

/** Applies one step of a history. A refused command changes nothing. */
const take = (state: typeof noOperatorKeys, { issue: isIssue, keyId }: { issue: boolean; keyId: string }) => {
  const command = isIssue ? ({ ...issue, role: 'admin', keyId } as const) : revoke('admin', keyId);
  try {
    return decideAccess(command, state).reduce(evolveAccess, state);
  } catch {
    return state;
  }
};

describe("operators' keys", () => {
  it('are issued, for ever or until a time', () => {
    given().when(issue).thenRecords(issued('auditor', 'k1'));
    given()
      .when({ ...issue, expiresAt: AT_NOON })
      .thenRecords(issued('auditor', 'k1', AT_NOON));
  });

  it('have a unique id forever', () => {
    given(issued('auditor', 'k1')).when(issue).thenRejected('already_exists');
    given(issued('auditor', 'k1'), revoked('auditor', 'k1')).when(issue).thenRejected('already_exists');
  });

  it('are revoked once, however often that is requested', () => {
    given(issued('auditor', 'k1')).when(revoke('auditor', 'k1')).thenRecords(revoked('auditor', 'k1'));
    given(issued('auditor', 'k1'), revoked('auditor', 'k1')).when(revoke('auditor', 'k1')).thenRecords();
    given().when(revoke('auditor', 'k1')).thenRejected('unknown_key');
    given().when(revoke('auditor', 'toString')).thenRejected('unknown_key');
  });

  it('are revoked like tokens, which are issued elsewhere and have ids of their own', () => {
    const digest = '0123456789abcdef0123456789abcdef';
    for (const id of [`jwt.${digest}`, `sub.${digest}`]) {
      given().when(revoke('admin', id)).thenRecords(revoked('admin', id));
      given(revoked('admin', id)).when(revoke('admin', id)).thenRecords();
    }
    for (const id of [`jwt.${digest}0`, `sub.${digest.toUpperCase()}`, `key.${digest}`, digest])
      given().when(revoke('admin', id)).thenRejected('unknown_key');
  });

  it('and all tokens of somebody that were issued before a time are revoked by that time, the latest counts', () => {
    for (const kind of ['sub', 'bot', 'iss']) {
      const id = `${kind}.0123456789abcdef0123456789abcdef`;
      given().when(revokeBefore(id, NOON)).thenRecords(revokedBefore(id));
      given(revokedBefore(id)).when(revokeBefore(id, NOON)).thenRecords();
      given(revokedBefore(id))
        .when(revokeBefore(id, NOON - 1))
        .thenRecords();
      given(revokedBefore(id))
        .when(revokeBefore(id, NOON + 1))
        .thenRecords(revokedBefore(id, '2026-11-29T12:00:00.001Z'));
      given(revokedBefore(id)).when(revoke('admin', id)).thenRecords(revoked('admin', id));
      given(revoked('admin', id)).when(revokeBefore(id, NOON)).thenRecords();
    }
    const one = 'jwt.0123456789abcdef0123456789abcdef';
    given().when(revokeBefore(one, NOON)).thenRejected('unknown_key');
    given(issued('admin', 'k1'), issued('admin', 'k2'))
      .when(revokeBefore('k1', NOON))
      .thenRejected('unknown_key');
  });

  it('and all tokens of somebody are revoked by a revocation with an invalid time', () => {
    expect(latestOf(AT_NOON, 'no time', AT_NOON)).toBe(Infinity);
    expect(latestOf(AT_NOON, '2026-11-29T11:00:00Z')).toBe(NOON);
  });

  it('of admins keep the last valid one, unless force is given', () => {
    const [one, two] = [issued('admin', 'k1'), issued('admin', 'k2')];
    given(one).when(revoke('admin', 'k1')).thenRejected('last_admin_key');
    given(one, two).when(revoke('admin', 'k1')).thenRecords(revoked('admin', 'k1'));
    given(one, two, revoked('admin', 'k2')).when(revoke('admin', 'k1')).thenRejected('last_admin_key');
    given(one)
      .when(revoke('admin', 'k1', true))
      .thenRecords(revoked('admin', 'k1'));
    given(issued('auditor', 'k1')).when(revoke('auditor', 'k1')).thenRecords(revoked('auditor', 'k1'));
  });

  it('of admins that have expired do not count as valid, and may be revoked', () => {
    const [valid, expired] = [issued('admin', 'k1'), issued('admin', 'k2', AT_NOON)];
    given(valid, expired).when(revoke('admin', 'k1')).thenRejected('last_admin_key');
    given(valid, expired).when(revoke('admin', 'k2')).thenRecords(revoked('admin', 'k2'));
    given(expired).when(revoke('admin', 'k2')).thenRecords(revoked('admin', 'k2'));
  });

  it('of admins are never used up without force, whatever is issued and revoked in whatever order', () => {
    const step = fc.record({ issue: fc.boolean(), keyId: fc.constantFrom('a', 'b', 'c', 'd') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const state = steps.reduce(take, evolveAccess(noOperatorKeys, issued('admin', 'first')));
        expect(Object.keys(state.issued).length).toBeGreaterThan(0);
        for (const id of state.revoked) expect(Object.hasOwn(state.issued, id)).toBe(false);
      }),
    );
  });
});

describe('a key that expires', () => {
  it.each([
    ['2026-11-29T12:00:00.001Z', true],
    [AT_NOON, false],
    ['2026-11-29T13:00:00+02:00', false],
    ['no time', false],
    [null as unknown as string, false],
  ])('at %s is good at noon: %s', (expiresAt, good) => {
    expect(isCurrent({ hash: 'h', expiresAt }, NOON)).toBe(good);
  });

  it('without an expiry time is good for ever', () => {
    expect(isCurrent({ hash: 'h' }, Number.MAX_SAFE_INTEGER)).toBe(true);
  });
});
