import type { EntityManager } from 'typeorm';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { restoreExact } from '#libs/projections/postgres/exact-text.js';
import { RequestError } from '#libs/protocol/errors.js';
import { asOfPlace, membersBy, type AsOf } from '../query/as-of.js';
import { decodeCursor, encodeCursor } from '../query/cursor.js';
import type { ListQuery } from '../query/list.query.js';
import { DEFAULT_LIMIT, pageOf, type Page } from '../query/page.js';
import { BOTS_CURSOR, CHANNELS_SHOWN, KEYS_SHOWN } from './bots.query.js';
import type { BotDetail, BotItem, KeyItem } from './bots.query.js';

/**
 * Returns a page of bots, by name, as they were at a position or time. Presence is left out, because it is not kept.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const listBotsAsOf = async (
  source: EntityManager,
  asOf: string,
  { cursor, limit = DEFAULT_LIMIT }: ListQuery,
): Promise<Page<BotItem>> => {
  const place = asOfPlace(asOf);
  const [after] = cursor === undefined ? [''] : decodeCursor(BOTS_CURSOR, cursor, [NAME_PATTERN]);
  const rows = await source.query<Row[]>(`${botsBy(place)} AND bot.name > $2 ORDER BY bot.name LIMIT $3`, [
    place.value,
    after,
    limit + 1,
  ]);
  return pageOf(
    await toItems(source, rows, place),
    limit,
    (item) => item,
    ({ bot }) => encodeCursor(BOTS_CURSOR, bot),
  );
};

/**
 * Returns one bot with its channels, as they were at a position or time.
 *
 * @throws RequestError `unknown_bot` for one that was not there yet
 */
export const getBotAsOf = async (source: EntityManager, name: string, asOf: string): Promise<BotDetail> => {
  const place = asOfPlace(asOf);
  const rows = await source.query<Row[]>(`${botsBy(place)} AND bot.name = $2`, [place.value, name]);
  const [item] = await toItems(source, rows, place);
  if (!item) throw new RequestError('unknown_bot', `There was no bot named "${name}"`);
  const channels = await source.query<{ channel: string; at: Date; from_seq: string }[]>(
    `SELECT channel, at, from_seq FROM (${membersBy(place, 'change.bot = $2')}) AS member
     ORDER BY channel LIMIT $3`,
    [place.value, name, CHANNELS_SHOWN],
  );
  return {
    ...item,
    channels: channels.map(({ channel, at, from_seq }) => {
      return { channel, since: at.toISOString(), from: Number(from_seq) };
    }),
  };
};

type Row = Readonly<{
  name: string;
  registered_at: Date;
  suspended_at: Date | null;
  reason: string | null;
  exact: string | null;
}>;

const botsBy = ({ wasThere }: AsOf): string =>
  `SELECT bot.name, bot.registered_at, standing.suspended_at, standing.reason, standing.exact
   FROM bots AS bot LEFT JOIN LATERAL (
     SELECT change.suspended_at, change.reason, change.exact FROM bot_changes AS change
     WHERE change.bot = bot.name AND ${wasThere('$1', 'change.position', 'change.at')}
     ORDER BY change.revision DESC LIMIT 1
   ) AS standing ON true
   WHERE ${wasThere('$1', 'bot.position', 'bot.registered_at')}`;

const toItems = async (source: EntityManager, rows: readonly Row[], place: AsOf): Promise<BotItem[]> => {
  const keys = await keysBy(
    source,
    rows.map(({ name }) => name),
    place,
  );
  return rows.map((stored) => {
    const { name, registered_at, suspended_at, reason } = restoreExact(stored, stored.exact);
    return {
      bot: name,
      status: suspended_at === null ? 'active' : 'suspended',
      registeredAt: registered_at.toISOString(),
      ...(suspended_at !== null && { suspendedAt: suspended_at.toISOString() }),
      ...(reason !== null && { reason }),
      keys: (keys.get(name) ?? []).slice(0, KEYS_SHOWN),
    };
  });
};

type KeyRow = Readonly<{
  bot: string;
  key_id: string;
  issued_at: Date;
  revoked_at: Date | null;
  is_revoked: boolean;
}>;

const keysBy = async (
  source: EntityManager,
  names: readonly string[],
  { value, wasThere }: AsOf,
): Promise<Map<string, KeyItem[]>> => {
  const rows = await source.query<KeyRow[]>(
    `SELECT key.bot, key.key_id, key.issued_at, key.revoked_at,
       coalesce(${wasThere('$1', 'key.revoked_position', 'key.revoked_at')}, false) AS is_revoked
     FROM bot_keys AS key
     WHERE key.bot = ANY ($2::text[]) AND ${wasThere('$1', 'key.issued_position', 'key.issued_at')}
     ORDER BY key.issued_at DESC, key.key_id`,
    [value, names],
  );
  const byBot = new Map<string, KeyItem[]>();
  for (const { bot, key_id, issued_at, revoked_at, is_revoked } of rows) {
    const revoked = is_revoked && revoked_at !== null && { revokedAt: revoked_at.toISOString() };
    const key = { keyId: key_id, issuedAt: issued_at.toISOString(), ...revoked };
    byBot.set(bot, [...(byBot.get(bot) ?? []), key]);
  }
  return byBot;
};
