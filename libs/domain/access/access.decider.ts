import { Rejection } from '../rejection.js';
import type { AccessEvent, OperatorRole } from './access.events.js';
import { isCurrent, keyOf } from './key.js';
import { isTokenId } from './token-id.js';
import type { Key } from './key.js';

/** The keys of one role, by key id: those that were issued and not revoked, and the ids of those that were revoked. */
export type OperatorKeys = Readonly<{
  issued: Readonly<Record<string, Key>>;
  revoked: ReadonlySet<string>;
}>;

export type IssueOperatorKey = Readonly<{
  type: 'IssueOperatorKey';
  role: OperatorRole;
  keyId: string;
  hash: string;
  expiresAt?: string;
}>;

/** `at`: when it is asked for, in milliseconds since 1970. `force`: also the last admin key that opens anything. */
export type RevokeOperatorKey = Readonly<{
  type: 'RevokeOperatorKey';
  role: OperatorRole;
  keyId: string;
  at: number;
  force?: boolean;
}>;

export type AccessCommand = IssueOperatorKey | RevokeOperatorKey;

export const noOperatorKeys: OperatorKeys = { issued: {}, revoked: new Set() };

/** @throws Rejection `already_exists`, `unknown_key` or `last_admin_key` */
export const decideAccess = (command: AccessCommand, state: OperatorKeys): AccessEvent[] =>
  command.type === 'IssueOperatorKey' ? issue(command, state) : revoke(command, state);

/** An id stands for one key for ever: a revoked one must not come back to life by being issued again. */
const issue = ({ role, keyId, hash, expiresAt }: IssueOperatorKey, state: OperatorKeys): AccessEvent[] => {
  if (Object.hasOwn(state.issued, keyId) || state.revoked.has(keyId))
    throw new Rejection('already_exists', `There was an ${role} key "${keyId}" before`);
  return [
    {
      type: 'OperatorKeyIssued',
      data: { role, keyId, hash, ...(expiresAt === undefined ? {} : { expiresAt }) },
    },
  ];
};

/** Revoking what is revoked changes nothing. */
const revoke = ({ role, keyId, at, force }: RevokeOperatorKey, state: OperatorKeys): AccessEvent[] => {
  if (state.revoked.has(keyId)) return [];
  // Tokens are issued elsewhere: whatever has the form of their ids may be revoked.
  if (isTokenId(keyId)) return [{ type: 'OperatorKeyRevoked', data: { role, keyId } }];
  const key = Object.hasOwn(state.issued, keyId) ? state.issued[keyId] : undefined;
  if (!key) throw new Rejection('unknown_key', `There is no ${role} key "${keyId}"`);
  if (role === 'admin' && force !== true && isCurrent(key, at) && isAlone(keyId, state, at))
    throw new Rejection('last_admin_key', 'No other admin key is valid: make one first, or say force=true');
  return [{ type: 'OperatorKeyRevoked', data: { role, keyId } }];
};

const isAlone = (keyId: string, { issued }: OperatorKeys, at: number): boolean =>
  !Object.entries(issued).some(([id, key]) => id !== keyId && isCurrent(key, at));

export const evolveAccess = (state: OperatorKeys, event: AccessEvent): OperatorKeys => {
  const { keyId } = event.data;
  switch (event.type) {
    case 'OperatorKeyIssued':
      return { ...state, issued: { ...state.issued, [keyId]: keyOf(event.data) } };
    case 'OperatorKeyRevoked': {
      const { [keyId]: _revoked, ...issued } = state.issued;
      return { issued, revoked: new Set(state.revoked).add(keyId) };
    }
  }
};
