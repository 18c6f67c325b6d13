import { BOT_EVENT_TYPES } from '#libs/domain/bot/bot.events.js';
import type {
  BotRegistered,
  BotReinstated,
  BotSuspended,
  KeyIssued,
  KeyRevoked,
} from '#libs/domain/bot/bot.events.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { exactText, storableText } from '../postgres/exact-text.js';
import type { Transaction } from '../postgres/transaction.js';
import { unnest } from '../postgres/unnest.js';
import type { BuildTables } from '../builds/build-tables.js';
import type { Projection } from '../builds/projection.js';
import { BOTS_TABLES } from './bots.tables.js';
import { ofType } from '../builds/typed-events.js';
import type { Typed } from '../builds/typed-events.js';

/** Projects bots, whether they may connect, and the ids of their keys. Hashes of keys stay in the log. */
export const botsProjection: Projection = {
  name: 'bots',
  version: 2,
  tables: BOTS_TABLES,
  streamPrefixes: ['bot-'],
  eventTypes: BOT_EVENT_TYPES,
  async apply(events, tx, table) {
    await register(events, tx, table);
    await changeStatus(events, tx, table);
    await keepChanges(events, tx, table);
    await issueKeys(events, tx, table);
    await revokeKeys(events, tx, table);
  },
};

const register = async (
  events: readonly PositionedEvent[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  const registered = ofType<BotRegistered>(events, 'BotRegistered').map(({ data, at, position }) => ({
    name: data.bot,
    registered_at: at.toISOString(),
    position: position.commit.toString(),
  }));
  if (registered.length === 0) return;
  const rows = unnest({ name: 'text', registered_at: 'timestamptz', position: 'bigint' }, registered);
  await tx.run(
    `INSERT INTO ${table('bots')} (${rows.columns}, status)
     SELECT ${rows.columns}, 'active' FROM ${rows.given} ON CONFLICT DO NOTHING`,
    rows.parameters,
  );
};

/** Changes the status of bots. Only the last such event of each bot in the batch counts. */
const changeStatus = async (
  events: readonly PositionedEvent[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  const last = new Map<string, Typed<BotSuspended | BotReinstated>>();
  for (const event of ofType<BotSuspended | BotReinstated>(events, 'BotSuspended', 'BotReinstated')) {
    last.set(event.data.bot, event);
  }
  if (last.size === 0) return;
  const types = { name: 'text', suspended_at: 'timestamptz', reason: 'text', exact: 'text' };
  const { given, parameters } = unnest(types, [...last.values()].map(standing));
  await tx.run(
    `UPDATE ${table('bots')} AS bot
     SET status = CASE WHEN given.suspended_at IS NULL THEN 'active' ELSE 'suspended' END,
         suspended_at = given.suspended_at, reason = given.reason, exact = given.exact
     FROM ${given} WHERE bot.name = given.name`,
    parameters,
  );
};

/** Keeps each change of a status, whatever came of it. */
const keepChanges = async (
  events: readonly PositionedEvent[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  const changes = ofType<BotSuspended | BotReinstated>(events, 'BotSuspended', 'BotReinstated');
  if (changes.length === 0) return;
  const types = {
    bot: 'text',
    revision: 'bigint',
    suspended_at: 'timestamptz',
    reason: 'text',
    exact: 'text',
    at: 'timestamptz',
    position: 'bigint',
  };
  const rows = changes.map((event) => {
    const { name: bot, suspended_at, reason, exact } = standing(event);
    const { revision, at, position } = event;
    const place = { revision, at: at.toISOString(), position: position.commit.toString() };
    return { bot, suspended_at, reason, exact, ...place };
  });
  const { given, columns, parameters } = unnest(types, rows);
  await tx.run(
    `INSERT INTO ${table('bot_changes')} (${columns}) SELECT ${columns} FROM ${given} ON CONFLICT DO NOTHING`,
    parameters,
  );
};

const standing = (event: Typed<BotSuspended | BotReinstated>) => {
  const reason = event.type === 'BotSuspended' ? event.data.reason : undefined;
  return {
    name: event.data.bot,
    suspended_at: event.type === 'BotSuspended' ? event.at.toISOString() : null,
    reason: reason === undefined ? null : storableText(reason),
    exact: exactText({ reason }),
  };
};

const issueKeys = async (
  events: readonly PositionedEvent[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  const issued = ofType<KeyIssued>(events, 'KeyIssued').map(({ data, at, position }) => ({
    bot: data.bot,
    key_id: data.keyId,
    issued_at: at.toISOString(),
    issued_position: position.commit.toString(),
  }));
  if (issued.length === 0) return;
  const rows = unnest(
    { bot: 'text', key_id: 'text', issued_at: 'timestamptz', issued_position: 'bigint' },
    issued,
  );
  await tx.run(
    `INSERT INTO ${table('bot_keys')} (${rows.columns})
     SELECT ${rows.columns} FROM ${rows.given} ON CONFLICT DO NOTHING`,
    rows.parameters,
  );
};

const revokeKeys = async (
  events: readonly PositionedEvent[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  const revoked = ofType<KeyRevoked>(events, 'KeyRevoked').map(({ data, at, position }) => ({
    bot: data.bot,
    key_id: data.keyId,
    revoked_at: at.toISOString(),
    revoked_position: position.commit.toString(),
  }));
  if (revoked.length === 0) return;
  const { given, parameters } = unnest(
    { bot: 'text', key_id: 'text', revoked_at: 'timestamptz', revoked_position: 'bigint' },
    revoked,
  );
  await tx.run(
    `UPDATE ${table('bot_keys')} AS key SET revoked_at = given.revoked_at, revoked_position = given.revoked_position
     FROM ${given} WHERE key.bot = given.bot AND key.key_id = given.key_id AND key.revoked_at IS NULL`,
    parameters,
  );
};
