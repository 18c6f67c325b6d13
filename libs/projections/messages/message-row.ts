import { isName } from '#libs/domain/name.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import { toMessage } from '#libs/delivery/message-encoding.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { Message } from '#libs/protocol/message.js';
import { exactText, restoreExact, storableText } from '../postgres/exact-text.js';
import type { CopyValue } from '../postgres/copy-text.js';
import { BadEvent } from '../builds/projection.errors.js';
import type { MessageRow } from '../entities/message.entity.js';
import type { MessageColumn } from './messages.table.js';
import { indexedText } from './search/indexed-text.js';

/** A row as it is written when its event comes: values by column, in the order of the columns. */
export type MessageRecord = ReturnType<typeof toRecord>;

export const toRecord = (message: Message, { position }: PositionedEvent) => {
  const { id, body, replyTo, correlationId, target } = message;
  const indexed = message.kind === 'posted' ? indexedText(storableText(body)) : undefined;
  return {
    channel: message.channel,
    seq: message.seq,
    id: storableText(id),
    bot: message.bot,
    kind: message.kind,
    body: storableText(body),
    data: message.data === undefined ? null : JSON.stringify(message.data),
    reply_to: storable(replyTo),
    correlation_id: storable(correlationId),
    target: storable(target),
    at: message.at,
    position: position.commit.toString(),
    exact: exactText({ id, body, replyTo, correlationId, target }),
    words: indexed?.words ?? null,
    search: indexed?.search ?? null,
  } satisfies Record<MessageColumn, CopyValue>;
};

/** Returns the values of a record in the order of the columns, to be copied in. */
export const copiedRow = (record: MessageRecord): readonly [CopyValue, ...CopyValue[]] =>
  Object.values(record) as [CopyValue, ...CopyValue[]];

/** The columns that a message is read from. */
export type SaidRow = Pick<
  MessageRow,
  | 'channel'
  | 'seq'
  | 'id'
  | 'bot'
  | 'kind'
  | 'body'
  | 'data'
  | 'replyTo'
  | 'correlationId'
  | 'target'
  | 'at'
  | 'exact'
>;

/**
 * Returns the message of a row. If it was neither edited nor redacted, it is the same, byte for byte, as bots got it.
 */
export const fromRow = (stored: SaidRow): Message => {
  const row = restoreExact(stored, stored.exact);
  return {
    id: row.id,
    channel: row.channel,
    seq: row.seq,
    kind: row.kind,
    bot: row.bot,
    body: row.body,
    ...(row.data === null ? {} : { data: JSON.parse(row.data) as NonNullable<Message['data']> }),
    ...(row.replyTo === null ? {} : { replyTo: row.replyTo }),
    ...(row.correlationId === null ? {} : { correlationId: row.correlationId }),
    ...(row.target === null ? {} : { target: row.target }),
    at: row.at.toISOString(),
  };
};

const storable = (text: string | undefined): string | null =>
  text === undefined ? null : storableText(text);

/** Returns the message of an event. @throws BadEvent when our gateways would not have written such an event */
export const toMessageOf = (event: PositionedEvent): Message => {
  const { data, stream } = event;
  if (typeof data !== 'object' || data === null) throw new BadEvent('its data is not an object');
  const message = toMessage(event);
  if (!isName(message.channel) || messagesStream(message.channel) !== stream) {
    throw new BadEvent(`its channel is not that of stream ${stream}`);
  }
  if (!isName(message.bot)) throw new BadEvent('it has no bot');
  if (typeof message.id !== 'string') throw new BadEvent('it has no id');
  if (typeof message.body !== 'string') throw new BadEvent('its body is not a text');
  for (const optional of [message.replyTo, message.correlationId, message.target]) {
    if (optional !== undefined && typeof optional !== 'string')
      throw new BadEvent('a reference is not a text');
  }
  return message;
};
