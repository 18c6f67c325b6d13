import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { fromRow } from '#libs/projections/messages/message-row.js';
import { MessageRow } from '#libs/projections/messages/message.entity.js';
import { searchCondition } from '#libs/projections/messages/search-condition.js';
import type { Message } from '#libs/protocol/message.js';
import { isPosition } from '#libs/protocol/validation/query-rules.js';
import { WHOLE_NUMBER, decodeCursor, encodeCursor } from '../query/cursor.js';
import { DEFAULT_LIMIT, pageOf } from '../query/page.js';
import type { Page } from '../query/page.js';
import { asTheyStood, upTo } from './as-of.js';
import type { ListMessagesQuery } from './list-messages.request.js';

/** A message as it stands, and where in the log it lies. Of a redacted one nothing of what it said is left. */
export type MessageItem = Message & Readonly<{ position: string; editedAt?: string; redactedAt?: string }>;

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

/** A page of messages, newest first; see {@link messagesQuery}. @throws RequestError `invalid_payload` for a broken cursor */
export const listMessages = async (
  source: EntityManager,
  query: ListMessagesQuery,
): Promise<Page<MessageItem>> => {
  const { asOf, limit = DEFAULT_LIMIT } = query;
  const rows = await messagesQuery(source, query).getMany();
  const shown = asOf === undefined ? rows : await asTheyStood(source, rows, asOf);
  return pageOf(shown, limit, toItem, ({ position, seq }) => encodeCursor(KIND, position, seq));
};

/**
 * Newest first, by position in the log. A page starts below the last item of the one before, so messages that arrive
 * meanwhile neither move nor repeat any. `seq` tells apart events of one append should they share a position.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const messagesQuery = (
  source: EntityManager,
  { channel, bot, q, from, to, asOf, cursor, limit = DEFAULT_LIMIT }: ListMessagesQuery,
): SelectQueryBuilder<MessageRow> => {
  const query = source.getRepository(MessageRow).createQueryBuilder('message').select(COLUMNS);
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
  if (q !== undefined) {
    const { sql, parameters } = searchCondition('message.search', q);
    query.andWhere(sql, parameters);
  }
  if (cursor !== undefined) {
    const [position, seq] = decodeCursor(KIND, cursor, [WHOLE_NUMBER, WHOLE_NUMBER]);
    // Within a channel seq alone is the order of the log, and has the index.
    if (channel === undefined)
      query.andWhere('(message.position, message.seq) < (:position, :seq)', { position, seq });
    else query.andWhere('message.seq < :seq', { seq });
  }
  if (channel === undefined) query.orderBy('message.position', 'DESC');
  return query.addOrderBy('message.seq', 'DESC').limit(limit + 1);
};

/** How far the clocks that stamp events may run back. */
const CLOCK_STEP_MS = 10 * 60_000;

/**
 * Spares a walk from the newest message back to a time long ago, for the planner does not know that positions follow
 * time: begins at the first message recorded well after it.
 */
const startNear = (query: SelectQueryBuilder<MessageRow>, time: number): void => {
  query.andWhere(
    `message.position < coalesce((SELECT later.position FROM messages AS later
       WHERE later.kind = 'posted' AND later.at > :wellAfter ORDER BY later.at LIMIT 1), 9223372036854775807)`,
    { wellAfter: new Date(time + CLOCK_STEP_MS) },
  );
};

const toItem = (row: MessageRow): MessageItem => ({
  ...fromRow(row),
  position: row.position.toString(),
  ...(row.editedAt === null ? {} : { editedAt: row.editedAt.toISOString() }),
  ...(row.redactedAt === null ? {} : { redactedAt: row.redactedAt.toISOString() }),
});
