import type { EntityManager, Repository, SelectQueryBuilder } from 'typeorm';
import { MessageRow } from '#libs/projections/entities/message.entity.js';
import { isPosition } from '#libs/protocol/validation/query-rules.js';
import { WHOLE_NUMBER, decodeCursor, encodeCursor } from '../query/cursor.js';
import { upTo } from './as-of.js';
import type { ListMessagesQuery } from './list-messages.request.js';

const KIND = 'm1';

/** Where a message lies in the log. */
export type Place = Readonly<{ position: bigint | string; seq: number | string }>;

/** The messages from one place, inclusive, to another, exclusive. */
export type Span = Readonly<{ floor?: Place; below?: Place }>;

/** Returns the cursor of a list by time: the next page begins below this place. */
export const cursorOf = ({ position, seq }: Place): string => encodeCursor(KIND, position, seq);

/**
 * Returns what is left of the list after a page.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
const spanBelow = (cursor: string | undefined): Span => {
  if (cursor === undefined) return {};
  const [position, seq] = decodeCursor(KIND, cursor, [WHOLE_NUMBER, WHOLE_NUMBER]);
  return { below: { position: position!, seq: seq! } };
};

/**
 * Builds the query of the newest messages, up to this number, with what a search looks at. The words that are searched
 * for are no part of it.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const newestKeys = (
  source: EntityManager,
  query: ListMessagesQuery,
  count: number,
  span?: Span,
): SelectQueryBuilder<MessageRow> =>
  allKeys(source, query, span).orderBy(orderOf(query.channel)).limit(count);

/** Builds the same query as {@link newestKeys}, of all messages, in no order. */
export const allKeys = (
  source: EntityManager,
  query: ListMessagesQuery,
  span?: Span,
): SelectQueryBuilder<MessageRow> => filtered(keysOf(source.getRepository(MessageRow)), query, span);

const keysOf = (messages: Repository<MessageRow>): SelectQueryBuilder<MessageRow> =>
  messages
    .createQueryBuilder('message')
    .select('message.channel', 'channel')
    .addSelect('message.seq', 'seq')
    .addSelect('message.position', 'position')
    .addSelect('message.words', 'words')
    .addSelect('message.search', 'search');

/** Within a channel, `seq` alone gives the order of the log, and it is indexed. */
export const orderOf = (channel: string | undefined): Record<string, 'DESC'> =>
  channel === undefined ? { 'message.position': 'DESC', 'message.seq': 'DESC' } : { 'message.seq': 'DESC' };

export const sqlOrder = (table: string, channel: string | undefined): string =>
  channel === undefined ? `${table}.position DESC, ${table}.seq DESC` : `${table}.seq DESC`;

/**
 * Adds all conditions except the words.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const filtered = (
  query: SelectQueryBuilder<MessageRow>,
  { channel, bot, from, to, asOf, cursor }: ListMessagesQuery,
  { floor, below }: Span = spanBelow(cursor),
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
  if (below) query.andWhere(compared('<', 'below', channel), parametersOf('below', below));
  if (floor) query.andWhere(compared('>=', 'floor', channel), parametersOf('floor', floor));
  return query;
};

/** Within a channel, `seq` alone is compared, so that the index that gives the order is used. */
const compared = (sign: '<' | '>=', name: string, channel: string | undefined): string =>
  channel === undefined
    ? `(message.position, message.seq) ${sign} (:${name}Position, :${name}Seq)`
    : `message.seq ${sign} :${name}Seq`;

const parametersOf = (name: string, { position, seq }: Place): Record<string, unknown> => ({
  [`${name}Position`]: position,
  [`${name}Seq`]: seq,
});

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
