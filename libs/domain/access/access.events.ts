import type { DomainEvent } from '../event.js';

export type OperatorRole = 'admin' | 'auditor';

/** Everything that can happen in a `keys-<role>` stream: keys of people, who are not bots. */
export type OperatorKeyIssued = DomainEvent<
  'OperatorKeyIssued',
  { role: OperatorRole; keyId: string; hash: string; expiresAt?: string }
>;
export type OperatorKeyRevoked = DomainEvent<'OperatorKeyRevoked', { role: OperatorRole; keyId: string }>;

export type AccessEvent = OperatorKeyIssued | OperatorKeyRevoked;

export const ACCESS_EVENT_TYPES = [
  'OperatorKeyIssued',
  'OperatorKeyRevoked',
] as const satisfies readonly AccessEvent['type'][];
