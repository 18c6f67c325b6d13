import type { Key } from '#libs/domain/access/key.js';
import type { OperatorKeys } from '#libs/domain/access/access.decider.js';
import type { Bot } from '#libs/domain/bot/bot.decider.js';
import type { Channel } from '#libs/domain/channel/channel.decider.js';
import type { DirectoryState, Entry } from '../directory.js';

type Known<T> = Exclude<T, { status: 'unknown' }>;

type KeyCells = readonly [hash: string] | readonly [hash: string, expiresAt: string];

/**
 * One small fact of a saved directory. Rows are flat, so that even a channel with very many members can be
 * split into parts.
 */
export type SnapshotRow =
  | readonly ['bot', name: string, revision: number, status: Bot['status']]
  | readonly ['bot-key', bot: string, keyId: string, ...KeyCells]
  | readonly ['bot-key-revoked', bot: string, keyId: string]
  | readonly [
      'channel',
      name: string,
      revision: number,
      status: Channel['status'],
      visibility: Known<Channel>['visibility'] | null,
    ]
  | readonly ['member', channel: string, bot: string, since: number]
  | readonly ['unread', stream: string, revision: number, why: string]
  | readonly ['operators', role: string, revision: number]
  | readonly ['operator-key', role: string, keyId: string, ...KeyCells]
  | readonly ['operator-key-revoked', role: string, keyId: string]
  /** `null`: whatever the time. */
  | readonly ['operator-tokens-before', role: string, id: string, time: number | null];

/** Yields the rows of a state. Each entry comes before the rows that belong to it. */
export function* toRows(state: DirectoryState): Generator<SnapshotRow> {
  for (const [stream, unread] of state.damage)
    for (const [revision, why] of unread) yield ['unread', stream, revision, why];
  for (const [name, { state: bot, revision }] of state.bots) {
    yield ['bot', name, revision, bot.status];
    if (bot.status === 'unknown') continue;
    for (const [keyId, key] of Object.entries(bot.keys)) yield ['bot-key', name, keyId, ...cellsOf(key)];
    for (const keyId of bot.revoked ?? []) yield ['bot-key-revoked', name, keyId];
  }
  for (const [name, { state: channel, revision }] of state.channels) {
    const visibility = channel.status === 'unknown' ? null : channel.visibility;
    yield ['channel', name, revision, channel.status, visibility];
    if (channel.status === 'unknown') continue;
    for (const [bot, since] of channel.members) yield ['member', name, bot, since];
  }
  for (const [role, { state: keys, revision }] of state.operators) {
    yield ['operators', role, revision];
    for (const [keyId, key] of Object.entries(keys.issued))
      yield ['operator-key', role, keyId, ...cellsOf(key)];
    for (const keyId of keys.revoked) yield ['operator-key-revoked', role, keyId];
    for (const [id, time] of keys.tokensBefore)
      yield ['operator-tokens-before', role, id, Number.isFinite(time) ? time : null];
  }
}

/**
 * Builds a state from the rows of a snapshot.
 *
 * @throws TypeError when a row does not fit the rows before it: the snapshot is not one of ours
 */
export const fromRows = (rows: Iterable<SnapshotRow>): DirectoryState => {
  const bots = new Map<string, Entry<Bot>>();
  const channels = new Map<string, Entry<Channel>>();
  const operators = new Map<string, Entry<OperatorKeys>>();
  const damage = new Map<string, Map<number, string>>();
  for (const row of rows) {
    switch (row[0]) {
      case 'bot':
        bots.set(row[1], { revision: row[2], state: emptyBot(row[1], row[3]) });
        break;
      case 'bot-key':
        (bots.get(row[1])!.state as { keys: Record<string, Key> }).keys[row[2]] = keyIn(row);
        break;
      case 'bot-key-revoked': {
        const bot = bots.get(row[1])!.state as { revoked?: Set<string> };
        bot.revoked = (bot.revoked ?? new Set()).add(row[2]);
        break;
      }
      case 'channel':
        channels.set(row[1], { revision: row[2], state: emptyChannel(row[1], row[3], row[4]) });
        break;
      case 'member':
        (channels.get(row[1])!.state as unknown as { members: Map<string, number> }).members.set(
          row[2],
          row[3],
        );
        break;
      case 'unread':
        damage.set(row[1], (damage.get(row[1]) ?? new Map<number, string>()).set(row[2], row[3]));
        break;
      case 'operators':
        operators.set(row[1], { revision: row[2], state: emptyOperators() });
        break;
      case 'operator-key':
        (operators.get(row[1])!.state.issued as Record<string, Key>)[row[2]] = keyIn(row);
        break;
      case 'operator-key-revoked':
        (operators.get(row[1])!.state.revoked as Set<string>).add(row[2]);
        break;
      case 'operator-tokens-before':
        (operators.get(row[1])!.state.tokensBefore as Map<string, number>).set(row[2], row[3] ?? Infinity);
        break;
      default:
        throw new TypeError('The snapshot has a row of an unknown kind');
    }
  }
  return { bots, channels, operators, damage };
};

const cellsOf = ({ hash, expiresAt }: Key): KeyCells =>
  expiresAt === undefined ? [hash] : [hash, expiresAt];

const keyIn = ([, , , hash, expiresAt]: readonly [string, string, string, ...KeyCells]): Key =>
  expiresAt === undefined ? { hash } : { hash, expiresAt };

const emptyOperators = (): OperatorKeys => ({ issued: {}, revoked: new Set(), tokensBefore: new Map() });

const emptyBot = (name: string, status: Bot['status']): Bot =>
  status === 'unknown' ? { status } : { status, name, keys: {} };

const emptyChannel = (
  name: string,
  status: Channel['status'],
  visibility: Known<Channel>['visibility'] | null,
): Channel =>
  status === 'unknown'
    ? { status }
    : { status, name, visibility: visibility ?? 'private', members: new Map() };
