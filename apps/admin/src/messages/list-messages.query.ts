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

/**
 * Returns a page of messages, newest first; see {@link messagesQuery}.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const listMessages = async (
  source: EntityManager,
  query: ListMessagesQuery,
): Promise<Page<MessageItem>> => {
  const { asOf, limit = DEFAULT_LIMIT } = query;
  const rows = await rowsOf(source, query, limit);
  const shown = asOf === undefined ? rows : await asTheyStood(source, rows, asOf);
  const { q } = query;
  const toShown = (row: MessageRow): MessageItem => withHighlights(toItem(row), q);
  return pageOf(shown, limit, toShown, ({ position, seq }) => encodeCursor(KIND, position, seq));
};

/**
 * Runs a search among the newest messages first, because a frequent word fills its page from them. Otherwise
 * it uses the index of words and sorts the few messages found. PostgreSQL's planner cannot make this choice:
 * it assumes that words are independent and evenly spread, and would walk the whole table for two words that
 * never occur together.
 */
const rowsOf = async (
  source: EntityManager,
  query: ListMessagesQuery,
  limit: number,
): Promise<MessageRow[]> => {
  if (query.q === undefined) return messagesQuery(source, query).getMany();
  const newest = await searchQuery(source, query, 'newest').getMany();
  return newest.length > limit ? newest : searchQuery(source, query, 'indexed').getMany();
};

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

/** How many of the newest messages a search looks through first. */
const NEWEST = 10_000;

/**
 * Builds the query of a page that contains the words of a search, like {@link messagesQuery}: among the
 * newest messages only, or among all of them by the index of words.
 */
export const searchQuery = (
  source: EntityManager,
  query: ListMessagesQuery,
  among: 'newest' | 'indexed',
): SelectQueryBuilder<MessageRow> => {
  const { channel, limit = DEFAULT_LIMIT, q = '' } = query;
  const messages = source.getRepository(MessageRow);
  const keys = filtered(keysOf(messages), query);
  const order = orderOf(channel);
  const newest = among === 'newest';
  const { sql, parameters } = searchCondition(newest ? 'found' : 'message', q);
  if (newest) keys.orderBy(order).limit(NEWEST);
  else keys.andWhere(sql);
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
