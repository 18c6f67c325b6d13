import { keyOf } from '../access/key.js';
import type { Key } from '../access/key.js';
import { Rejection } from '../rejection.js';
import type { BotEvent } from './bot.events.js';

export type Bot =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'suspended';
      readonly name: string;
      /** The keys that were not revoked, by key id. */
      readonly keys: Readonly<Record<string, Key>>;
      /** The ids of revoked keys. Absent while no key was revoked. */
      readonly revoked?: ReadonlySet<string>;
    };

type NewKey = { keyId: string; hash: string; expiresAt?: string };

export type BotCommand =
  | Readonly<{ type: 'RegisterBot'; bot: string } & NewKey>
  | Readonly<{ type: 'IssueKey'; bot: string } & NewKey>
  | Readonly<{ type: 'RevokeKey'; bot: string; keyId: string }>
  | Readonly<{ type: 'SuspendBot'; bot: string; reason?: string }>
  | Readonly<{ type: 'ReinstateBot'; bot: string }>;

export const unknownBot: Bot = { status: 'unknown' };

/**
 * Decides a command about one bot and its keys.
 *
 * @throws Rejection `already_exists`, `unknown_bot` or `unknown_key`
 */
export const decideBot = (command: BotCommand, state: Bot): BotEvent[] => {
  const { bot } = command;
  if (command.type === 'RegisterBot') {
    if (state.status !== 'unknown')
      throw new Rejection('already_exists', `A bot named "${bot}" exists already`);
    return [{ type: 'BotRegistered', data: { bot } }, keyIssued(command)];
  }
  if (state.status === 'unknown') throw new Rejection('unknown_bot', `There is no bot named "${bot}"`);
  switch (command.type) {
    case 'IssueKey':
      return [keyIssued(command)];
    case 'RevokeKey':
      if (state.revoked?.has(command.keyId)) return [];
      if (!Object.hasOwn(state.keys, command.keyId)) {
        throw new Rejection('unknown_key', `Bot "${bot}" has no key "${command.keyId}"`);
      }
      return [{ type: 'KeyRevoked', data: { bot, keyId: command.keyId } }];
    case 'SuspendBot':
      if (state.status === 'suspended') return [];
      return [
        {
          type: 'BotSuspended',
          data: { bot, ...(command.reason === undefined ? {} : { reason: command.reason }) },
        },
      ];
    case 'ReinstateBot':
      return state.status === 'active' ? [] : [{ type: 'BotReinstated', data: { bot } }];
  }
};

const keyIssued = ({ bot, keyId, hash, expiresAt }: NewKey & { bot: string }): BotEvent => ({
  type: 'KeyIssued',
  data: { bot, keyId, hash, ...(expiresAt === undefined ? {} : { expiresAt }) },
});

export const evolveBot = (state: Bot, event: BotEvent): Bot => {
  if (event.type === 'BotRegistered') return { status: 'active', name: event.data.bot, keys: {} };
  if (state.status === 'unknown') return state;
  switch (event.type) {
    case 'KeyIssued':
      return { ...state, keys: { ...state.keys, [event.data.keyId]: keyOf(event.data) } };
    case 'KeyRevoked': {
      const { [event.data.keyId]: _revoked, ...keys } = state.keys;
      return { ...state, keys, revoked: new Set(state.revoked).add(event.data.keyId) };
    }
    case 'BotSuspended':
      return { ...state, status: 'suspended' };
    case 'BotReinstated':
      return { ...state, status: 'active' };
  }
};
