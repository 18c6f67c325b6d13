import type { EntityManager } from 'typeorm';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { RequestError } from '#libs/protocol/errors.js';
import { asOfPlace, membersBy, type AsOf } from '../query/as-of.js';
import { decodeCursor, encodeCursor } from '../query/cursor.js';
import type { ListQuery } from '../query/list.query.js';
import { DEFAULT_LIMIT, pageOf, type Page } from '../query/page.js';
import { CHANNELS_CURSOR, MEMBERS_SHOWN } from './channels.query.js';
import type { ChannelDetail, ChannelItem, MemberItem } from './channels.query.js';

/**
 * Returns a page of channels, by name, as they were at a position or time.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const listChannelsAsOf = async (
  source: EntityManager,
  asOf: string,
  { cursor, limit = DEFAULT_LIMIT }: ListQuery,
): Promise<Page<ChannelItem>> => {
  const place = asOfPlace(asOf);
  const [after] = cursor === undefined ? [''] : decodeCursor(CHANNELS_CURSOR, cursor, [NAME_PATTERN]);
  const rows = await source.query<Row[]>(
    `${channelsBy(place)} AND channel.name > $2 ORDER BY channel.name LIMIT $3`,
    [place.value, after, limit + 1],
  );
  const items = await toItems(source, rows, place);
  return pageOf(
    items,
    limit,
    (item) => item,
    ({ channel }) => encodeCursor(CHANNELS_CURSOR, channel),
  );
};

/**
 * Returns one channel with its members, as they were at a position or time.
 *
 * @throws RequestError `unknown_channel` for one that was not there yet
 */
export const getChannelAsOf = async (
  source: EntityManager,
  name: string,
  asOf: string,
): Promise<ChannelDetail> => {
  const place = asOfPlace(asOf);
  const rows = await source.query<Row[]>(`${channelsBy(place)} AND channel.name = $2`, [place.value, name]);
  const [item] = await toItems(source, rows, place);
  if (!item) throw new RequestError('unknown_channel', `There was no channel named "${name}"`);
  const members = await source.query<{ bot: string; at: Date; from_seq: string }[]>(
    `SELECT bot, at, from_seq FROM (${membersBy(place, 'change.channel = $2')}) AS member ORDER BY bot LIMIT $3`,
    [place.value, name, MEMBERS_SHOWN],
  );
  return {
    ...item,
    members: members.map(({ bot, at, from_seq }): MemberItem => {
      return { bot, since: at.toISOString(), from: Number(from_seq) };
    }),
  };
};

type Row = Readonly<{
  name: string;
  visibility: 'public' | 'private';
  opened_at: Date;
  archived_at: Date | null;
  is_archived: boolean;
}>;

const channelsBy = ({ wasThere }: AsOf): string =>
  `SELECT channel.name, channel.visibility, channel.opened_at, channel.archived_at,
     coalesce(${wasThere('$1', 'channel.archived_position', 'channel.archived_at')}, false) AS is_archived
   FROM channels AS channel WHERE ${wasThere('$1', 'channel.position', 'channel.opened_at')}`;

const toItems = async (source: EntityManager, rows: readonly Row[], place: AsOf): Promise<ChannelItem[]> => {
  const names = rows.map(({ name }) => name);
  const counts = await source.query<{ channel: string; members: number }[]>(
    `SELECT channel, count(*)::int AS members FROM (${membersBy(place, 'change.channel = ANY ($2::text[])')}) AS member
     GROUP BY channel`,
    [place.value, names],
  );
  const membersOf = new Map(counts.map(({ channel, members }) => [channel, members]));
  const heads = await headsBy(source, names, place);
  return rows.map((row) => {
    const head = heads.get(row.name);
    return {
      channel: row.name,
      visibility: row.visibility,
      status: row.is_archived ? 'archived' : 'open',
      openedAt: row.opened_at.toISOString(),
      ...(row.is_archived && { archivedAt: row.archived_at!.toISOString() }),
      memberCount: membersOf.get(row.name) ?? 0,
      head: head === undefined ? -1 : Number(head.seq),
      ...(head && { lastMessageAt: head.at.toISOString() }),
    };
  });
};

type Head = Readonly<{ channel: string; seq: string; at: Date }>;

/**
 * Returns the last message of each channel by then. Positions grow with the seqs, so it halves what is left again and
 * again: some twenty index lookups for a channel of a million messages.
 */
const headsBy = async (
  source: EntityManager,
  names: readonly string[],
  { value, wasThere }: AsOf,
): Promise<Map<string, Head>> => {
  const heads = await source.query<Head[]>(
    `WITH RECURSIVE halved AS (
       SELECT wanted.name, -1::bigint AS low,
         coalesce((SELECT max(seq) FROM messages WHERE channel = wanted.name), -1) AS high
       FROM unnest($2::text[]) AS wanted (name)
       UNION ALL
       SELECT halved.name, CASE WHEN found.fits THEN found.seq ELSE halved.low END,
         CASE WHEN found.fits THEN greatest(halved.high, found.seq) ELSE half.middle - 1 END
       FROM halved
       CROSS JOIN LATERAL (SELECT (halved.low + halved.high + 1) / 2 AS middle) AS half
       CROSS JOIN LATERAL (
         SELECT message.seq, ${wasThere('$1', 'message.position', 'message.at')} AS fits FROM messages AS message
         WHERE message.channel = halved.name AND message.seq >= half.middle ORDER BY message.seq LIMIT 1
       ) AS found
       WHERE halved.low < halved.high
     )
     SELECT head.channel, head.seq, head.at FROM halved
     JOIN messages AS head ON head.channel = halved.name AND head.seq = halved.low
     WHERE halved.low >= halved.high`,
    [value, names],
  );
  return new Map(heads.map((head) => [head.channel, head]));
};
