import { Rejection } from '../rejection.js';
import type { AccessEvent, OperatorRole } from './access.events.js';
import { isCurrent, keyOf } from './key.js';
import { isTokenGroupId, isTokenId } from './token-id.js';
import type { Key } from './key.js';

/**
 * Holds the keys of one role, by key id: the keys that were issued and not revoked, and the ids of the
 * revoked ones. `tokensBefore`: by the id that stands for many tokens, the time (milliseconds since 1970) from
 * which on a token of theirs must be issued to be valid.
 */
export type OperatorKeys = Readonly<{
  issued: Readonly<Record<string, Key>>;
  revoked: ReadonlySet<string>;
  tokensBefore: ReadonlyMap<string, number>;
}>;

type IssueOperatorKey = Readonly<{
  type: 'IssueOperatorKey';
  role: OperatorRole;
  keyId: string;
  hash: string;
  expiresAt?: string;
}>;

/**
 * Revokes a key. `at` is the time of the request, in milliseconds since 1970. `force` allows it even for the
 * last admin key that is still valid. With `issuedBefore`, in milliseconds since 1970, the id stands for many
 * tokens, and only those issued before that time are revoked.
 */
export type RevokeOperatorKey = Readonly<{
  type: 'RevokeOperatorKey';
  role: OperatorRole;
  keyId: string;
  at: number;
  force?: boolean;
  issuedBefore?: number;
}>;

export type AccessCommand = IssueOperatorKey | RevokeOperatorKey;

export const noOperatorKeys: OperatorKeys = { issued: {}, revoked: new Set(), tokensBefore: new Map() };

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
const revoke = (command: RevokeOperatorKey, state: OperatorKeys): AccessEvent[] => {
  const { role, keyId, at, force } = command;
  if (state.revoked.has(keyId)) return [];
  if (command.issuedBefore !== undefined) return revokeBefore(role, keyId, command.issuedBefore, state);
  // An identity provider issues the tokens, so the log does not know them. Any id in the form of a token id
  // may be revoked.
  if (isTokenId(keyId)) return [{ type: 'OperatorKeyRevoked', data: { role, keyId } }];
  const key = Object.hasOwn(state.issued, keyId) ? state.issued[keyId] : undefined;
  if (!key) throw new Rejection('unknown_key', `There is no ${role} key "${keyId}"`);
  if (role === 'admin' && force !== true && isCurrent(key, at) && isAlone(keyId, state, at))
    throw new Rejection('last_admin_key', 'No other admin key is valid: make one first, or pass force=true');
  return [{ type: 'OperatorKeyRevoked', data: { role, keyId } }];
};

/** A time no later than one that was named before changes nothing. */
const revokeBefore = (
  role: OperatorRole,
  keyId: string,
  time: number,
  { tokensBefore }: OperatorKeys,
): AccessEvent[] => {
  if (!isTokenGroupId(keyId)) throw new Rejection('unknown_key', `"${keyId}" does not name a set of tokens`);
  if (time <= (tokensBefore.get(keyId) ?? -Infinity)) return [];
  const issuedBefore = new Date(time).toISOString();
  return [{ type: 'OperatorKeyRevoked', data: { role, keyId, issuedBefore } }];
};

const isAlone = (keyId: string, { issued }: OperatorKeys, at: number): boolean =>
  !Object.entries(issued).some(([id, key]) => id !== keyId && isCurrent(key, at));

export const evolveAccess = (state: OperatorKeys, event: AccessEvent): OperatorKeys => {
  const { keyId } = event.data;
  switch (event.type) {
    case 'OperatorKeyIssued':
      return { ...state, issued: { ...state.issued, [keyId]: keyOf(event.data) } };
    case 'OperatorKeyRevoked': {
      if (event.data.issuedBefore !== undefined) return voidBefore(state, keyId, event.data.issuedBefore);
      const { [keyId]: _revoked, ...issued } = state.issued;
      return { ...state, issued, revoked: new Set(state.revoked).add(keyId) };
    }
  }
};

/** A text that is no time is no licence: no token was issued late enough then. */
const voidBefore = (state: OperatorKeys, keyId: string, issuedBefore: string): OperatorKeys => {
  const time = Date.parse(issuedBefore);
  const latest = Math.max(state.tokensBefore.get(keyId) ?? -Infinity, Number.isNaN(time) ? Infinity : time);
  return { ...state, tokensBefore: new Map(state.tokensBefore).set(keyId, latest) };
};
