import type { EntityManager, Repository, SelectQueryBuilder } from 'typeorm';
import { fromRow } from '#libs/projections/messages/message-row.js';
import { MessageRow } from '#libs/projections/entities/message.entity.js';
import { highlightsOf } from '#libs/projections/messages/search/highlights.js';
import type { Range } from '#libs/projections/messages/search/visible-offsets.js';
import { searchCondition } from '#libs/projections/messages/search/search-condition.js';
import type { Message } from '#libs/protocol/message.js';
import { isPosition } from '#libs/protocol/validation/query-rules.js';
import { WHOLE_NUMBER, decodeCursor, encodeCursor } from '../query/cursor.js';
import { DEFAULT_LIMIT, pageOf } from '../query/page.js';
import type { Page } from '../query/page.js';
import { asTheyStood, upTo } from './as-of.js';
import type { ListMessagesQuery } from './list-messages.request.js';

/**
 * A message in its current state, with its position in the log. Nothing remains of the text of a redacted
 * message.
 */
export type MessageItem = Message &
  Readonly<{ position: string; editedAt?: string; redactedAt?: string; highlights?: Range[] }>;

const COLUMNS = [
  'message.channel',
  'message.seq',
  'message.id',
  'message.bot',
  'message.kind',
  'message.body',
  'message.data',
  'message.replyTo',
  'message.correlationId',
  'message.target',
  'message.at',
  'message.position',
  'message.exact',
  'message.editedAt',
  'message.redactedAt',
  'message.original',
];
const KIND = 'm1';

/** How far a search looks, in messages. */
export type SearchBounds = Readonly<{
  /** So many of the newest are looked through first. */
  newest: number;
  /** If more of them contain the words, though not in their order, the words are too frequent for the index. */
  common: number;
  /** So many are looked through for one page then. */
  walked: number;
}>;

export const SEARCH_BOUNDS: SearchBounds = { newest: 10_000, common: 1_000, walked: 100_000 };

/**
 * Returns a page of messages, newest first; see {@link messagesQuery}. A page of a search may have fewer messages than
 * its limit, or none, and still a cursor: it tells how far the search has looked.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const listMessages = async (
  source: EntityManager,
  query: ListMessagesQuery,
  bounds = SEARCH_BOUNDS,
): Promise<Page<MessageItem>> => {
  const { asOf, q, limit = DEFAULT_LIMIT } = query;
  const { rows, lookedTo } = await rowsOf(source, query, bounds);
  const shown = asOf === undefined ? rows : await asTheyStood(source, rows, asOf);
  const toShown = (row: MessageRow): MessageItem => withHighlights(toItem(row), q);
  const page = pageOf(shown, limit, toShown, cursorOf);
  return page.next === undefined && lookedTo ? { ...page, next: cursorOf(lookedTo) } : page;
};

type Place = Readonly<{ position: bigint | string; seq: number | string }>;

const cursorOf = ({ position, seq }: Place): string => encodeCursor(KIND, position, seq);

/** `lookedTo`: where the search ended, though there is more to look through. */
type Found = Readonly<{ rows: MessageRow[]; lookedTo?: Place | undefined }>;

/**
 * Runs a search among the newest messages first, because a frequent word fills its page from them. Otherwise
 * it uses the index of words and sorts the few messages found. PostgreSQL's planner cannot make this choice:
 * it assumes that words are independent and evenly spread, and would walk the whole table for two words that
 * never occur together. If frequent words have to stand in an order in which they hardly ever stand, the index
 * is of no use: then the search looks through a bounded number of messages.
 */
const rowsOf = async (
  source: EntityManager,
  query: ListMessagesQuery,
  bounds: SearchBounds,
): Promise<Found> => {
  const { q, limit = DEFAULT_LIMIT } = query;
  if (q === undefined) return { rows: await messagesQuery(source, query).getMany() };
  const newest = await searchQuery(source, query, bounds.newest).getMany();
  if (newest.length > limit) return { rows: newest };
  const candidates = await countCandidates(source, query, bounds.newest);
  if (candidates <= bounds.common) return { rows: await searchQuery(source, query, 'indexed').getMany() };
  const rows = await searchQuery(source, query, bounds.walked).getMany();
  return { rows, lookedTo: await lastOf(source, query, bounds.walked) };
};

/** Counts those of the newest messages that contain the words of a search in any order; 0 if it names no order. */
const countCandidates = async (
  source: EntityManager,
  query: ListMessagesQuery,
  newest: number,
): Promise<number> => {
  const { sql, byWords, parameters } = searchCondition('found', query.q ?? '');
  if (sql === byWords || byWords === 'false') return 0;
  const keys = newestKeys(source, query, newest);
  const counted = await source
    .createQueryBuilder()
    .select('count(*)', 'count')
    .from(`(${keys.getQuery()})`, 'found')
    .where(byWords)
    .setParameters({ ...keys.getParameters(), ...parameters })
    .getRawOne<{ count: string }>();
  return Number(counted?.count);
};

/** The last of so many messages that a search looks through; undefined if there are not so many. */
const lastOf = (source: EntityManager, query: ListMessagesQuery, count: number): Promise<Place | undefined> =>
  newestKeys(source, query, 1)
    .offset(count - 1)
    .getRawOne<Place>();

const newestKeys = (
  source: EntityManager,
  query: ListMessagesQuery,
  count: number,
): SelectQueryBuilder<MessageRow> =>
  filtered(keysOf(source.getRepository(MessageRow)), query)
    .orderBy(orderOf(query.channel))
    .limit(count);

/**
 * Builds the query of a page, newest first, by position in the log. A page starts below the last item of the
 * previous one, so that messages which arrive meanwhile neither shift nor repeat any. `seq` orders events of
 * one append if they share a position.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const messagesQuery = (
  source: EntityManager,
  query: ListMessagesQuery,
): SelectQueryBuilder<MessageRow> => {
  const { channel, limit = DEFAULT_LIMIT } = query;
  return filtered(source.getRepository(MessageRow).createQueryBuilder('message').select(COLUMNS), query)
    .orderBy(orderOf(channel))
    .limit(limit + 1);
};

/**
 * Builds the query of a page that contains the words of a search, like {@link messagesQuery}: among so
 * many of the newest messages, or among all of them by the index of words.
 */
export const searchQuery = (
  source: EntityManager,
  query: ListMessagesQuery,
  among: number | 'indexed',
): SelectQueryBuilder<MessageRow> => {
  const { channel, limit = DEFAULT_LIMIT, q = '' } = query;
  const messages = source.getRepository(MessageRow);
  const order = orderOf(channel);
  const newest = among !== 'indexed';
  const { sql, parameters } = searchCondition(newest ? 'found' : 'message', q);
  const keys = newest ? newestKeys(source, query, among) : filtered(keysOf(messages), query).andWhere(sql);
  return messages
    .createQueryBuilder('message')
    .select(COLUMNS)
    .where(
      // Without the OFFSET, the planner would take the outer limit as a reason to walk the table.
      `(message.channel, message.seq) IN (SELECT found.channel, found.seq
         FROM (${keys.getQuery()} ${newest ? '' : 'OFFSET 0'}) AS found
         ${newest ? `WHERE ${sql}` : ''}
         ORDER BY ${sqlOrder('found', channel)} LIMIT ${limit + 1})`,
    )
    .setParameters({ ...keys.getParameters(), ...parameters })
    .orderBy(order);
};

const keysOf = (messages: Repository<MessageRow>): SelectQueryBuilder<MessageRow> =>
  messages
    .createQueryBuilder('message')
    .select('message.channel', 'channel')
    .addSelect('message.seq', 'seq')
    .addSelect('message.position', 'position')
    .addSelect('message.words', 'words')
    .addSelect('message.search', 'search');

/** Within a channel, `seq` alone gives the order of the log, and it is indexed. */
const orderOf = (channel: string | undefined): Record<string, 'DESC'> =>
  channel === undefined ? { 'message.position': 'DESC', 'message.seq': 'DESC' } : { 'message.seq': 'DESC' };

const sqlOrder = (table: string, channel: string | undefined): string =>
  channel === undefined ? `${table}.position DESC, ${table}.seq DESC` : `${table}.seq DESC`;

/**
 * Adds all conditions except the words.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
const filtered = (
  query: SelectQueryBuilder<MessageRow>,
  { channel, bot, from, to, asOf, cursor }: ListMessagesQuery,
): SelectQueryBuilder<MessageRow> => {
  query.where(`message.kind = 'posted'`);
  if (channel !== undefined) query.andWhere('message.channel = :channel', { channel });
  if (bot !== undefined) query.andWhere('message.bot = :bot', { bot });
  if (from !== undefined) query.andWhere('message.at >= :from', { from: new Date(from) });
  if (to !== undefined) query.andWhere('message.at < :to', { to: new Date(to) });
  if (asOf !== undefined) upTo(query, asOf);
  const ends = [to, isPosition(asOf) ? undefined : asOf]
    .filter((time) => time !== undefined)
    .map((time) => Date.parse(time));
  if (ends.length > 0 && channel === undefined) startNear(query, Math.min(...ends));
  if (cursor === undefined) return query;
  const [position, seq] = decodeCursor(KIND, cursor, [WHOLE_NUMBER, WHOLE_NUMBER]);
  return channel === undefined
    ? query.andWhere('(message.position, message.seq) < (:position, :seq)', { position, seq })
    : query.andWhere('message.seq < :seq', { seq });
};

/** How far the clocks that stamp events may run backwards, in milliseconds. */
const CLOCK_STEP_MS = 10 * 60_000;

/**
 * Spares a walk from the newest message back to a time long ago, because the planner does not know that
 * positions follow time. The query starts at the first message recorded well after that time.
 */
const startNear = (query: SelectQueryBuilder<MessageRow>, time: number): void => {
  query.andWhere(
    `message.position < coalesce((SELECT later.position FROM messages AS later
       WHERE later.kind = 'posted' AND later.at > :wellAfter ORDER BY later.at LIMIT 1), 9223372036854775807)`,
    { wellAfter: new Date(time + CLOCK_STEP_MS) },
  );
};

/** Adds the highlights of the text that is shown. With `asOf`, it may differ from the text that was found. */
const withHighlights = (item: MessageItem, q: string | undefined): MessageItem =>
  q === undefined ? item : { ...item, highlights: highlightsOf(item.body, q) };

const toItem = (row: MessageRow): MessageItem => ({
  ...fromRow(row),
  position: row.position.toString(),
  ...(row.editedAt === null ? {} : { editedAt: row.editedAt.toISOString() }),
  ...(row.redactedAt === null ? {} : { redactedAt: row.redactedAt.toISOString() }),
});
