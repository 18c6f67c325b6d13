import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { MessageRow } from '#libs/projections/entities/message.entity.js';
import { highlightsOf } from '#libs/projections/messages/search/highlights.js';
import type { Range } from '#libs/projections/messages/search/visible-offsets.js';
import { fromRow } from '#libs/projections/messages/message-row.js';
import type { Message } from '#libs/protocol/message.js';

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

/** Begins a query of messages, with the columns that are shown. */
export const shownMessages = (source: EntityManager): SelectQueryBuilder<MessageRow> =>
  source.getRepository(MessageRow).createQueryBuilder('message').select(COLUMNS);

/**
 * Returns a row as it is shown; for a search, with the highlights of the text that is shown. With `asOf`, that text may
 * differ from the text that was found.
 */
export const toShown = (row: MessageRow, q: string | undefined): MessageItem => ({
  ...fromRow(row),
  position: row.position.toString(),
  ...(row.editedAt === null ? {} : { editedAt: row.editedAt.toISOString() }),
  ...(row.redactedAt === null ? {} : { redactedAt: row.redactedAt.toISOString() }),
  ...(q === undefined ? {} : { highlights: highlightsOf(row.body, q) }),
});
