import { Rejection } from '../rejection.js';
import type { AccessEvent, OperatorRole } from './access.events.js';

/** Hash of each valid key of one role, by key id. */
export type OperatorKeys = Readonly<Record<string, string>>;

export type AccessCommand =
  | Readonly<{ type: 'IssueOperatorKey'; role: OperatorRole; keyId: string; hash: string }>
  | Readonly<{ type: 'RevokeOperatorKey'; role: OperatorRole; keyId: string }>;

export const noOperatorKeys: OperatorKeys = {};

/** @throws Rejection `unknown_key` */
export const decideAccess = (command: AccessCommand, state: OperatorKeys): AccessEvent[] => {
  const { role, keyId } = command;
  switch (command.type) {
    case 'IssueOperatorKey':
      return [{ type: 'OperatorKeyIssued', data: { role, keyId, hash: command.hash } }];
    case 'RevokeOperatorKey':
      if (!Object.hasOwn(state, keyId))
        throw new Rejection('unknown_key', `There is no ${role} key "${keyId}"`);
      return [{ type: 'OperatorKeyRevoked', data: { role, keyId } }];
  }
};

export const evolveAccess = (state: OperatorKeys, event: AccessEvent): OperatorKeys => {
  switch (event.type) {
    case 'OperatorKeyIssued':
      return { ...state, [event.data.keyId]: event.data.hash };
    case 'OperatorKeyRevoked': {
      const { [event.data.keyId]: _revoked, ...rest } = state;
      return rest;
    }
  }
};
