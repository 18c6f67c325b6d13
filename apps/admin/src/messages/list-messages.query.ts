import type { DataSource } from 'typeorm';
import { storableText } from '#libs/projections/postgres/exact-text.js';
import { fromRow } from '#libs/projections/messages/message-row.js';
import { MessageRow } from '#libs/projections/messages/message.entity.js';
import type { Message } from '#libs/protocol/message.js';
import { WHOLE_NUMBER, decodeCursor, encodeCursor } from '../query/cursor.js';
import { DEFAULT_LIMIT, pageOf } from '../query/page.js';
import type { Page } from '../query/page.js';
import type { ListMessagesQuery } from './list-messages.request.js';

/** A message as bots were sent it, and where in the log it lies. */
export type MessageItem = Message & Readonly<{ position: string }>;

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
];
const KIND = 'm1';

/**
 * Newest first, by position in the log. A page starts below the last item of the one before, so messages that arrive
 * meanwhile neither move nor repeat any. `seq` tells apart events of one append should they share a position.
 *
 * @throws RequestError `invalid_payload` for a broken cursor
 */
export const listMessages = async (
  source: DataSource,
  { channel, bot, q, from, to, cursor, limit = DEFAULT_LIMIT }: ListMessagesQuery,
): Promise<Page<MessageItem>> => {
  const query = source.getRepository(MessageRow).createQueryBuilder('message').select(COLUMNS);
  if (channel !== undefined) query.andWhere('message.channel = :channel', { channel });
  if (bot !== undefined) query.andWhere('message.bot = :bot', { bot });
  if (from !== undefined) query.andWhere('message.at >= :from', { from: new Date(from) });
  if (to !== undefined) query.andWhere('message.at < :to', { to: new Date(to) });
  if (q !== undefined) {
    query.andWhere('message.search @@ search_words(:q)', { q: storableText(q) });
  }
  if (cursor !== undefined) {
    const [position, seq] = decodeCursor(KIND, cursor, [WHOLE_NUMBER, WHOLE_NUMBER]);
    // Within a channel seq alone is the order of the log, and has the index.
    if (channel === undefined)
      query.andWhere('(message.position, message.seq) < (:position, :seq)', { position, seq });
    else query.andWhere('message.seq < :seq', { seq });
  }
  if (channel === undefined) query.orderBy('message.position', 'DESC');
  const rows = await query
    .addOrderBy('message.seq', 'DESC')
    .limit(limit + 1)
    .getMany();
  return pageOf(rows, limit, toItem, ({ position, seq }) => encodeCursor(KIND, position, seq));
};

const toItem = (row: MessageRow): MessageItem => ({ ...fromRow(row), position: row.position.toString() });
