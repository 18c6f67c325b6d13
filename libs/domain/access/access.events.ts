import type { DomainEvent } from '../event.js';

export type OperatorRole = 'admin' | 'auditor';

/** The events of a `keys-<role>` stream, which holds the keys of admins and auditors. */
export type OperatorKeyIssued = DomainEvent<
  'OperatorKeyIssued',
  { role: OperatorRole; keyId: string; hash: string; expiresAt?: string }
>;
/** `issuedBefore` (ISO 8601 in UTC): only the tokens that were issued before that time, of those the id stands for. */
export type OperatorKeyRevoked = DomainEvent<
  'OperatorKeyRevoked',
  { role: OperatorRole; keyId: string; issuedBefore?: string }
>;

export type AccessEvent = OperatorKeyIssued | OperatorKeyRevoked;

export const ACCESS_EVENT_TYPES = [
  'OperatorKeyIssued',
  'OperatorKeyRevoked',
] as const satisfies readonly AccessEvent['type'][];
