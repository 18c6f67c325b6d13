import { CHANNEL_EVENT_TYPES } from '#libs/domain/channel/channel.events.js';
import type { ChannelEvent } from '#libs/domain/channel/channel.events.js';
import type { Transaction } from '../postgres/transaction.js';
import { unnest } from '../postgres/unnest.js';
import type { Projection } from '../builds/projection.js';
import { ofType } from '../builds/typed-events.js';
import type { Typed } from '../builds/typed-events.js';
import { CHANNELS_TABLE } from './channels.table.js';

/** Projects channels and their numbers of members. A channel's last seq is looked up in the messages themselves. */
export const channelsProjection: Projection = {
  name: 'channels',
  version: 3,
  tables: [CHANNELS_TABLE],
  streamPrefixes: ['channel-'],
  eventTypes: CHANNEL_EVENT_TYPES,
  async apply(events, tx, table) {
    const changes = ofType<ChannelEvent>(events, ...CHANNEL_EVENT_TYPES);
    const states = await findChannels(
      changes.map(({ data }) => data.channel),
      tx,
      table('channels'),
    );
    for (const event of changes) {
      const next = changeChannel(states.get(event.data.channel), event);
      if (next) states.set(event.data.channel, next);
    }
    await writeChannels([...states.values()], tx, table('channels'));
  },
};

const COLUMNS = {
  name: 'text',
  visibility: 'text',
  status: 'text',
  opened_at: 'timestamptz',
  archived_at: 'timestamptz',
  archived_position: 'bigint',
  member_count: 'int',
  position: 'bigint',
  revision: 'bigint',
} as const;

type ChannelRecord = Readonly<{
  name: string;
  visibility: string;
  status: string;
  opened_at: Date;
  archived_at: Date | null;
  archived_position: string | null;
  member_count: number;
  position: string;
  /** Revision of the last event that was counted, so that each event counts once. */
  revision: string;
}>;

/** Applies an event to a channel. Returns undefined for a channel that was never opened. */
const changeChannel = (
  state: ChannelRecord | undefined,
  { type, data, at, position, revision }: Typed<ChannelEvent>,
): ChannelRecord | undefined => {
  if (state === undefined) {
    if (type !== 'ChannelOpened') return undefined;
    const { channel: name, visibility } = data;
    const born = { name, visibility, status: 'open', opened_at: at, member_count: 0 };
    const place = { position: position.commit.toString(), revision: `${revision}` };
    return { ...born, ...place, archived_at: null, archived_position: null };
  }
  if (revision <= Number(state.revision)) return state;
  const seen = { ...state, revision: `${revision}` };
  switch (type) {
    case 'ChannelOpened':
      return seen;
    case 'ChannelArchived':
      if (state.status !== 'open') return seen;
      return {
        ...seen,
        status: 'archived',
        archived_at: at,
        archived_position: position.commit.toString(),
      };
    case 'BotJoined':
      return { ...seen, member_count: state.member_count + 1 };
    case 'BotLeft':
      return { ...seen, member_count: state.member_count - 1 };
  }
};

const findChannels = async (
  names: readonly string[],
  tx: Transaction,
  table: string,
): Promise<Map<string, ChannelRecord>> => {
  const columns = Object.keys(COLUMNS).join(', ');
  const rows = await tx.rows<ChannelRecord>(`SELECT ${columns} FROM ${table} WHERE name = ANY ($1::text[])`, [
    [...new Set(names)],
  ]);
  return new Map(rows.map((row) => [row.name, row]));
};

const writeChannels = async (
  states: readonly ChannelRecord[],
  tx: Transaction,
  table: string,
): Promise<void> => {
  if (states.length === 0) return;
  const { given, columns, parameters } = unnest(COLUMNS, states);
  await tx.run(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${given}
     ON CONFLICT (name) DO UPDATE SET status = excluded.status, archived_at = excluded.archived_at,
       archived_position = excluded.archived_position,
       member_count = excluded.member_count, revision = excluded.revision`,
    parameters,
  );
};
