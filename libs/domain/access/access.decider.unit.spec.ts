import { describe, it } from 'vitest';
import { specify } from '#test/support/decider-specification.js';
import { decideAccess, evolveAccess, noOperatorKeys } from './access.decider.js';
import type { AccessEvent } from './access.events.js';

const { given } = specify(decideAccess, evolveAccess, noOperatorKeys);

const issued: AccessEvent = { type: 'OperatorKeyIssued', data: { role: 'auditor', keyId: 'k1', hash: 'h' } };
const revoked: AccessEvent = { type: 'OperatorKeyRevoked', data: { role: 'auditor', keyId: 'k1' } };

describe("operators' keys", () => {
  it('are issued', () =>
    given().when({ type: 'IssueOperatorKey', role: 'auditor', keyId: 'k1', hash: 'h' }).thenRecords(issued));

  it('are revoked once', () => {
    given(issued).when({ type: 'RevokeOperatorKey', role: 'auditor', keyId: 'k1' }).thenRecords(revoked);
    given(issued, revoked)
      .when({ type: 'RevokeOperatorKey', role: 'auditor', keyId: 'k1' })
      .thenRejected('unknown_key');
  });
});
