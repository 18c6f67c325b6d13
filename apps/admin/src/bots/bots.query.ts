import { In } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { BotKeyRow, BotRow } from '#libs/projections/entities/bot.entity.js';
import { MembershipRow } from '#libs/projections/entities/membership.entity.js';
import { PresenceRow } from '#libs/projections/entities/presence.entity.js';
import { restoreExact } from '#libs/projections/postgres/exact-text.js';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { RequestError } from '#libs/protocol/errors.js';
import { decodeCursor, encodeCursor } from '../query/cursor.js';
import type { ListQuery } from '../query/list.query.js';
import { DEFAULT_LIMIT, pageOf } from '../query/page.js';
import type { Page } from '../query/page.js';

export type KeyItem = Readonly<{ keyId: string; issuedAt: string; expiresAt?: string; revokedAt?: string }>;

export type BotItem = Readonly<{
  bot: string;
  status: 'active' | 'suspended';
  registeredAt: string;
  suspendedAt?: string;
  reason?: string;
  /** The ids and times of the newest hundred keys, without the keys themselves or their hashes. */
  keys: readonly KeyItem[];
  /**
   * Absent for a bot that was not connected in the last 30 days. `since` is when it last came online or went
   * offline.
   */
  presence?: Readonly<{ state: 'online' | 'offline'; since: string; reason?: string }>;
}>;

/**
 * A bot with its channels by name, at most the first thousand. `from` is the channel's head when the bot
 * joined.
 */
export type BotDetail = BotItem &
  Readonly<{ channels: readonly Readonly<{ channel: string; since: string; from: number }>[] }>;

/** The kind of cursors of lists of bots. */
export const BOTS_CURSOR = 'b1';
/** The most channels that are shown of a bot. */
export const CHANNELS_SHOWN = 1_000;
/** The most keys that are shown of a bot. */
export const KEYS_SHOWN = 100;

/**
 * Returns a page of bots, by name.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const listBots = async (
  source: EntityManager,
  { cursor, limit = DEFAULT_LIMIT }: ListQuery,
): Promise<Page<BotItem>> => {
  const query = bots(source);
  if (cursor !== undefined) {
    const [name] = decodeCursor(BOTS_CURSOR, cursor, [NAME_PATTERN]);
    query.where('bot.name > :name', { name });
  }
  const rows = await query
    .orderBy('bot.name', 'ASC')
    .limit(limit + 1)
    .getMany();
  const items = await toItems(source, rows);
  return pageOf(
    items,
    limit,
    (item) => item,
    ({ bot }) => encodeCursor(BOTS_CURSOR, bot),
  );
};

/**
 * Returns one bot with its channels.
 *
 * @throws RequestError `unknown_bot`
 */
export const getBot = async (source: EntityManager, name: string): Promise<BotDetail> => {
  const row = await bots(source).where('bot.name = :name', { name }).getOne();
  if (row === null) throw new RequestError('unknown_bot', `There is no bot named "${name}"`);
  const keys = await keysOf(source, [name]);
  const memberships = await source.getRepository(MembershipRow).find({
    where: { bot: name },
    order: { channel: 'ASC' },
    take: CHANNELS_SHOWN,
  });
  const channels = memberships.map(({ channel, joinedAt, fromSeq }) => ({
    channel,
    since: joinedAt.toISOString(),
    from: fromSeq,
  }));
  const presence = await presenceOf(source, [name]);
  return { ...toItem(row, keys.get(name) ?? [], presence.get(name)), channels };
};

/** Returns those bots of the given names that exist, in no particular order. */
export const botsNamed = async (source: EntityManager, names: readonly string[]): Promise<BotItem[]> => {
  if (names.length === 0) return [];
  const rows = await bots(source)
    .where('bot.name = ANY (:names)', { names: [...names] })
    .getMany();
  return toItems(source, rows);
};

const bots = (source: EntityManager) =>
  source
    .getRepository(BotRow)
    .createQueryBuilder('bot')
    .select(['bot.name', 'bot.status', 'bot.registeredAt', 'bot.suspendedAt', 'bot.reason', 'bot.exact']);

const keysOf = async (source: EntityManager, names: readonly string[]): Promise<Map<string, BotKeyRow[]>> => {
  const byBot = new Map<string, BotKeyRow[]>();
  if (names.length === 0) return byBot;
  const rows = await source.getRepository(BotKeyRow).find({
    select: { bot: true, keyId: true, issuedAt: true, revokedAt: true },
    where: { bot: In([...names]) },
    order: { issuedAt: 'DESC', keyId: 'ASC' },
  });
  for (const row of rows) {
    const keys = byBot.get(row.bot);
    if (!keys) byBot.set(row.bot, [row]);
    else if (keys.length < KEYS_SHOWN) keys.push(row);
  }
  return byBot;
};

const presenceOf = async (
  source: EntityManager,
  names: readonly string[],
): Promise<Map<string, PresenceRow>> => {
  const rows = await source.getRepository(PresenceRow).find({ where: { bot: In([...names]) } });
  return new Map(rows.map((row) => [row.bot, row]));
};

const toItems = async (source: EntityManager, rows: readonly BotRow[]): Promise<BotItem[]> => {
  const names = rows.map(({ name }) => name);
  const keys = await keysOf(source, names);
  const presence = await presenceOf(source, names);
  return rows.map((row) => toItem(row, keys.get(row.name) ?? [], presence.get(row.name)));
};

const toPresence = ({ state, since, reason }: PresenceRow): NonNullable<BotItem['presence']> => ({
  state,
  since: since.toISOString(),
  ...(reason === null ? {} : { reason }),
});

const toItem = (stored: BotRow, keys: readonly BotKeyRow[], presence: PresenceRow | undefined): BotItem => {
  const { name, status, registeredAt, suspendedAt, reason } = restoreExact(stored, stored.exact);
  return {
    bot: name,
    status,
    registeredAt: registeredAt.toISOString(),
    ...(suspendedAt === null ? {} : { suspendedAt: suspendedAt.toISOString() }),
    ...(reason === null ? {} : { reason }),
    keys: keys.map(({ keyId, issuedAt, revokedAt }) => ({
      keyId,
      issuedAt: issuedAt.toISOString(),
      ...(revokedAt === null ? {} : { revokedAt: revokedAt.toISOString() }),
    })),
    ...(presence && { presence: toPresence(presence) }),
  };
};
