import { LIMITS } from '../limits.js';
import {
  anything,
  described,
  instant,
  list,
  mapOf,
  messageId,
  name,
  object,
  oneWordOf,
  seq,
  text,
  booleanValue,
  type Schema,
} from './schema.js';

const MESSAGE = {
  always: {
    id: messageId,
    channel: name,
    seq,
    kind: oneWordOf('posted', 'edited', 'redacted'),
    bot: name,
    body: text(),
    at: instant,
  },
  sometimes: {
    data: anything,
    replyTo: messageId,
    correlationId: text(),
    target: messageId,
    redacted: booleanValue,
  },
};

/** One event of a `messages-` stream as bots see it. */
export const messageSchema = object(MESSAGE.always, MESSAGE.sometimes);

/** Returns the schema of a message with additional fields. */
export const messageWith = (always: Record<string, Schema>, sometimes: Record<string, Schema>): Schema =>
  object({ ...MESSAGE.always, ...always }, { ...MESSAGE.sometimes, ...sometimes });

/** The answer to `post`, `edit` and `redact`: the fields that are always there, and those that may be. */
export const POSTED = {
  always: { id: messageId, channel: name, seq, at: instant },
  sometimes: { duplicate: booleanValue },
};
export const postedSchema = object(POSTED.always, POSTED.sometimes);

const body = described(`Not blank; with \`data\` at most ${LIMITS.messageBytes} bytes of UTF-8.`, text());
const data = described(`Any JSON but null, nested at most ${LIMITS.dataDepth} deep.`, anything);

export const postSchema = object(
  { id: messageId, channel: name, body },
  { data, replyTo: messageId, correlationId: text(128) },
);
export const editSchema = object({ id: messageId, channel: name, target: messageId, body }, { data });
export const redactSchema = object(
  { id: messageId, channel: name, target: messageId },
  { reason: text(500) },
);
export const cursorMapSchema = mapOf(seq);
export const historySchema = object(
  { channel: name },
  { before: seq, after: seq, limit: { type: 'integer', minimum: 1, maximum: LIMITS.historyMessages } },
);
export const messagesSchema = list(messageSchema);
/** Ranges of seqs that an admin has set aside, both ends included. */
export const skippedSchema = list(object({ from: seq, to: seq, reason: oneWordOf('set_aside') }));
