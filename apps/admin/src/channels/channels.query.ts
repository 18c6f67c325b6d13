import type { EntityManager } from 'typeorm';
import { ChannelRow } from '#libs/projections/entities/channel.entity.js';
import { MembershipRow } from '#libs/projections/entities/membership.entity.js';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { RequestError } from '#libs/protocol/errors.js';
import { decodeCursor, encodeCursor } from '../query/cursor.js';
import type { ListQuery } from '../query/list.query.js';
import { DEFAULT_LIMIT, pageOf } from '../query/page.js';
import type { Page } from '../query/page.js';

export type ChannelItem = Readonly<{
  channel: string;
  visibility: 'public' | 'private';
  status: 'open' | 'archived';
  openedAt: string;
  archivedAt?: string;
  memberCount: number;
  /**
   * Seq of the last message, or -1 without any. Seqs are contiguous from 0, so it also tells how many
   * messages there are.
   */
  head: number;
  lastMessageAt?: string;
}>;

/** One member. `from` is the channel's head when the bot joined. */
export type MemberItem = Readonly<{ bot: string; since: string; from: number }>;

/** A channel with its members by name, at most the first thousand. `memberCount` counts all of them. */
export type ChannelDetail = ChannelItem & Readonly<{ members: readonly MemberItem[] }>;

/** The kind of cursors of lists of channels. */
export const CHANNELS_CURSOR = 'c1';
/** The most members that are shown of a channel. */
export const MEMBERS_SHOWN = 1_000;

/**
 * Returns a page of channels, by name.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const listChannels = async (
  source: EntityManager,
  { cursor, limit = DEFAULT_LIMIT }: ListQuery,
): Promise<Page<ChannelItem>> => {
  const query = channels(source);
  if (cursor !== undefined) {
    const [name] = decodeCursor(CHANNELS_CURSOR, cursor, [NAME_PATTERN]);
    query.where('channel.name > :name', { name });
  }
  const rows = await query
    .orderBy('channel.name', 'ASC')
    .limit(limit + 1)
    .getMany();
  const heads = await headsOf(
    source,
    rows.map(({ name }) => name),
  );
  return pageOf(
    rows,
    limit,
    (row) => toItem(row, heads.get(row.name)),
    ({ name }) => encodeCursor(CHANNELS_CURSOR, name),
  );
};

/**
 * Returns one channel with its members.
 *
 * @throws RequestError `unknown_channel`
 */
export const getChannel = async (source: EntityManager, name: string): Promise<ChannelDetail> => {
  const row = await channels(source).where('channel.name = :name', { name }).getOne();
  if (row === null) throw new RequestError('unknown_channel', `There is no channel named "${name}"`);
  const heads = await headsOf(source, [name]);
  const members = await source.getRepository(MembershipRow).find({
    select: { channel: true, bot: true, joinedAt: true, fromSeq: true },
    where: { channel: name },
    order: { bot: 'ASC' },
    take: MEMBERS_SHOWN,
  });
  return {
    ...toItem(row, heads.get(name)),
    members: members.map(({ bot, joinedAt, fromSeq }) => ({
      bot,
      since: joinedAt.toISOString(),
      from: fromSeq,
    })),
  };
};

/** Returns those channels of the given names that exist, in no particular order. */
export const channelsNamed = async (
  source: EntityManager,
  names: readonly string[],
): Promise<ChannelItem[]> => {
  if (names.length === 0) return [];
  const rows = await channels(source)
    .where('channel.name = ANY (:names)', { names: [...names] })
    .getMany();
  const heads = await headsOf(source, names);
  return rows.map((row) => toItem(row, heads.get(row.name)));
};

const channels = (source: EntityManager) =>
  source
    .getRepository(ChannelRow)
    .createQueryBuilder('channel')
    .select([
      'channel.name',
      'channel.visibility',
      'channel.status',
      'channel.openedAt',
      'channel.archivedAt',
      'channel.memberCount',
    ]);

type Head = Readonly<{ channel: string; seq: string; at: Date }>;

/**
 * Returns the last message of each channel. It costs one index lookup per channel, however many messages
 * there are.
 */
const headsOf = async (source: EntityManager, names: readonly string[]): Promise<Map<string, Head>> => {
  const heads = await source.query<Head[]>(
    `SELECT head.channel, head.seq, head.at
     FROM unnest($1::text[]) AS wanted (name)
     CROSS JOIN LATERAL (
       SELECT channel, seq, at FROM messages WHERE channel = wanted.name ORDER BY seq DESC LIMIT 1
     ) AS head`,
    [names],
  );
  return new Map(heads.map((head) => [head.channel, head]));
};

const toItem = (row: ChannelRow, head: Head | undefined): ChannelItem => ({
  channel: row.name,
  visibility: row.visibility,
  status: row.status,
  openedAt: row.openedAt.toISOString(),
  ...(row.archivedAt === null ? {} : { archivedAt: row.archivedAt.toISOString() }),
  memberCount: row.memberCount,
  head: head === undefined ? -1 : Number(head.seq),
  ...(head === undefined ? {} : { lastMessageAt: head.at.toISOString() }),
});
