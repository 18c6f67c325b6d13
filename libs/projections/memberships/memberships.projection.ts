import type { BotJoined, BotLeft } from '#libs/domain/channel/channel.events.js';
import { unnest } from '../postgres/unnest.js';
import type { Projection } from '../builds/projection.js';
import { ofType } from '../builds/typed-events.js';
import type { Typed } from '../builds/typed-events.js';
import { MEMBERSHIPS_TABLE } from './memberships.table.js';

const COLUMNS = { channel: 'text', bot: 'text', joined_at: 'timestamptz', from_seq: 'bigint' } as const;

/** Projects which bot is in which channel now, since when and from which message on. */
export const membershipsProjection: Projection = {
  name: 'memberships',
  version: 1,
  tables: [MEMBERSHIPS_TABLE],
  streamPrefixes: ['channel-'],
  eventTypes: ['BotJoined', 'BotLeft'],
  async apply(events, tx, table) {
    const changes = lastOfEach(ofType<BotJoined | BotLeft>(events, 'BotJoined', 'BotLeft')).map((event) => ({
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

/** Returns only the last event of each bot in each channel, because only that one counts. */
const lastOfEach = (events: readonly Typed<BotJoined | BotLeft>[]): readonly Typed<BotJoined | BotLeft>[] => [
  ...new Map(events.map((event) => [`${event.data.channel}/${event.data.bot}`, event])).values(),
];
