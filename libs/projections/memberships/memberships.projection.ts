import type { BotJoined, BotLeft } from '#libs/domain/channel/channel.events.js';
import type { Transaction } from '../postgres/transaction.js';
import { unnest } from '../postgres/unnest.js';
import type { Projection } from '../builds/projection.js';
import { ofType } from '../builds/typed-events.js';
import type { Typed } from '../builds/typed-events.js';
import { MEMBERSHIPS_TABLES } from './memberships.table.js';

const COLUMNS = { channel: 'text', bot: 'text', joined_at: 'timestamptz', from_seq: 'bigint' } as const;

/** Projects which bot is in which channel now, since when and from which message on. */
export const membershipsProjection: Projection = {
  name: 'memberships',
  version: 2,
  tables: MEMBERSHIPS_TABLES,
  streamPrefixes: ['channel-'],
  eventTypes: ['BotJoined', 'BotLeft'],
  async apply(events, tx, table) {
    const joinedOrLeft = ofType<BotJoined | BotLeft>(events, 'BotJoined', 'BotLeft');
    await keepChanges(joinedOrLeft, tx, table('membership_changes'));
    const changes = lastOfEach(joinedOrLeft).map((event) => ({
      channel: event.data.channel,
      bot: event.data.bot,
      joined_at: event.at.toISOString(),
      from_seq: event.type === 'BotJoined' ? event.data.from : null,
    }));
    if (changes.length === 0) return;
    const { given, columns, parameters } = unnest(COLUMNS, changes);
    await tx.run(
      `INSERT INTO ${table('memberships')} (${columns})
       SELECT ${columns} FROM ${given} WHERE from_seq IS NOT NULL
       ON CONFLICT (channel, bot) DO UPDATE SET joined_at = excluded.joined_at, from_seq = excluded.from_seq`,
      parameters,
    );
    await tx.run(
      `DELETE FROM ${table('memberships')} AS member USING ${given}
       WHERE member.channel = given.channel AND member.bot = given.bot AND given.from_seq IS NULL`,
      parameters,
    );
  },
};

const CHANGES = {
  channel: 'text',
  revision: 'bigint',
  bot: 'text',
  at: 'timestamptz',
  from_seq: 'bigint',
  position: 'bigint',
} as const;

const keepChanges = async (
  events: readonly Typed<BotJoined | BotLeft>[],
  tx: Transaction,
  table: string,
): Promise<void> => {
  if (events.length === 0) return;
  const rows = events.map((event) => ({
    channel: event.data.channel,
    revision: event.revision,
    bot: event.data.bot,
    at: event.at.toISOString(),
    from_seq: event.type === 'BotJoined' ? event.data.from : null,
    position: event.position.commit.toString(),
  }));
  const { given, columns, parameters } = unnest(CHANGES, rows);
  await tx.run(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${given} ON CONFLICT DO NOTHING`,
    parameters,
  );
};

/** Returns only the last event of each bot in each channel, because only that one counts. */
const lastOfEach = (events: readonly Typed<BotJoined | BotLeft>[]): readonly Typed<BotJoined | BotLeft>[] => [
  ...new Map(events.map((event) => [`${event.data.channel}/${event.data.bot}`, event])).values(),
];
