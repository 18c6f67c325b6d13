import { Rejection } from '../rejection.js';
import type { AccessEvent, OperatorRole } from './access.events.js';
import { isCurrent, keyOf } from './key.js';
import { isTokenId } from './token-id.js';
import type { Key } from './key.js';

/**
 * Holds the keys of one role, by key id: the keys that were issued and not revoked, and the ids of the
 * revoked ones.
 */
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

/**
 * Revokes a key. `at` is the time of the request, in milliseconds since 1970. `force` allows it even for the
 * last admin key that is still valid.
 */
export type RevokeOperatorKey = Readonly<{
  type: 'RevokeOperatorKey';
  role: OperatorRole;
  keyId: string;
  at: number;
  force?: boolean;
}>;

export type AccessCommand = IssueOperatorKey | RevokeOperatorKey;

export const noOperatorKeys: OperatorKeys = { issued: {}, revoked: new Set() };

/**
 * Decides a command about the keys of admins and auditors.
 *
 * @throws Rejection `already_exists`, `unknown_key` or `last_admin_key`
 */
export const decideAccess = (command: AccessCommand, state: OperatorKeys): AccessEvent[] =>
  command.type === 'IssueOperatorKey' ? issue(command, state) : revoke(command, state);

/** A key id is never used twice. Otherwise a revoked key could come back to life by being issued again. */
const issue = ({ role, keyId, hash, expiresAt }: IssueOperatorKey, state: OperatorKeys): AccessEvent[] => {
  if (Object.hasOwn(state.issued, keyId) || state.revoked.has(keyId))
    throw new Rejection('already_exists', `An ${role} key with the id "${keyId}" has existed before`);
  return [
    {
      type: 'OperatorKeyIssued',
      data: { role, keyId, hash, ...(expiresAt === undefined ? {} : { expiresAt }) },
    },
  ];
};

/** Revoking a key that is already revoked changes nothing. */
const revoke = ({ role, keyId, at, force }: RevokeOperatorKey, state: OperatorKeys): AccessEvent[] => {
  if (state.revoked.has(keyId)) return [];
  // An identity provider issues the tokens, so the log does not know them. Any id in the form of a token id
  // may be revoked.
  if (isTokenId(keyId)) return [{ type: 'OperatorKeyRevoked', data: { role, keyId } }];
  const key = Object.hasOwn(state.issued, keyId) ? state.issued[keyId] : undefined;
  if (!key) throw new Rejection('unknown_key', `There is no ${role} key "${keyId}"`);
  if (role === 'admin' && force !== true && isCurrent(key, at) && isAlone(keyId, state, at))
    throw new Rejection('last_admin_key', 'No other admin key is valid: make one first, or pass force=true');
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
