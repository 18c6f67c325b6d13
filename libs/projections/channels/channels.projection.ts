import { CHANNEL_EVENT_TYPES } from '#libs/domain/channel/channel.events.js';
import type { BotJoined, BotLeft, ChannelEvent, ChannelOpened } from '#libs/domain/channel/channel.events.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { Transaction } from '../postgres/transaction.js';
import { unnest } from '../postgres/unnest.js';
import type { BuildTables } from '../runner/build-tables.js';
import type { Projection } from '../runner/projection.js';
import { CHANNELS_TABLES } from './channels.tables.js';
import { ofType } from '../runner/typed-events.js';

/** Channels and who is in them. How far a channel's messages go is asked of the messages themselves. */
export const channelsProjection: Projection = {
  name: 'channels',
  version: 1,
  tables: CHANNELS_TABLES,
  streamPrefixes: ['channel-'],
  eventTypes: CHANNEL_EVENT_TYPES,
  async apply(events, tx, table) {
    await open(events, tx, table);
    await archive(events, tx, table);
    await changeMembers(events, tx, table);
  },
};

const open = async (
  events: readonly PositionedEvent[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  const opened = ofType<ChannelOpened>(events, 'ChannelOpened').map(({ data, at, position }) => ({
    name: data.channel,
    visibility: data.visibility,
    opened_at: at.toISOString(),
    position: position.commit.toString(),
  }));
  if (opened.length === 0) return;
  const rows = unnest(
    { name: 'text', visibility: 'text', opened_at: 'timestamptz', position: 'bigint' },
    opened,
  );
  await tx.run(
    `INSERT INTO ${table('channels')} (${rows.columns}, status)
     SELECT ${rows.columns}, 'open' FROM ${rows.given} ON CONFLICT DO NOTHING`,
    rows.parameters,
  );
};

const archive = async (
  events: readonly PositionedEvent[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  const archived = ofType<ChannelEvent>(events, 'ChannelArchived').map(({ data, at }) => ({
    name: data.channel,
    archived_at: at.toISOString(),
  }));
  if (archived.length === 0) return;
  const { given, parameters } = unnest({ name: 'text', archived_at: 'timestamptz' }, archived);
  await tx.run(
    `UPDATE ${table('channels')} AS channel SET status = 'archived', archived_at = given.archived_at
     FROM ${given} WHERE channel.name = given.name AND channel.status = 'open'`,
    parameters,
  );
};

/** Of each bot in each channel only the last event of the batch counts. */
const changeMembers = async (
  events: readonly PositionedEvent[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  const last = new Map<string, (BotJoined | BotLeft) & Pick<PositionedEvent, 'at'>>();
  for (const event of ofType<BotJoined | BotLeft>(events, 'BotJoined', 'BotLeft')) {
    last.set(`${event.data.channel}/${event.data.bot}`, event);
  }
  if (last.size === 0) return;
  const changes = [...last.values()].map((event) => ({
    channel: event.data.channel,
    bot: event.data.bot,
    joined_at: event.at.toISOString(),
    from_seq: event.type === 'BotJoined' ? event.data.from : null,
  }));
  const types = { channel: 'text', bot: 'text', joined_at: 'timestamptz', from_seq: 'bigint' };
  const { given, columns, parameters } = unnest(types, changes);
  await tx.run(
    `INSERT INTO ${table('channel_members')} (${columns})
     SELECT ${columns} FROM ${given} WHERE from_seq IS NOT NULL
     ON CONFLICT (channel, bot) DO UPDATE SET joined_at = excluded.joined_at, from_seq = excluded.from_seq`,
    parameters,
  );
  await tx.run(
    `DELETE FROM ${table('channel_members')} AS member USING ${given}
     WHERE member.channel = given.channel AND member.bot = given.bot AND given.from_seq IS NULL`,
    parameters,
  );
  await countMembers(
    changes.map(({ channel }) => channel),
    tx,
    table,
  );
};

/** Counted anew instead of added to: the same events again give the same number. */
const countMembers = async (
  channels: readonly string[],
  tx: Transaction,
  table: BuildTables,
): Promise<void> => {
  await tx.run(
    `UPDATE ${table('channels')} AS channel SET member_count =
       (SELECT count(*) FROM ${table('channel_members')} AS member WHERE member.channel = channel.name)
     WHERE channel.name = ANY ($1::text[])`,
    [[...new Set(channels)]],
  );
};
