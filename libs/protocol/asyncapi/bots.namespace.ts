import {
  POSTED,
  cursorMapSchema,
  editSchema,
  historySchema,
  messageSchema,
  messagesSchema,
  postSchema,
  redactSchema,
  skippedSchema,
} from '../schemas/message.schema.js';
import {
  anything,
  count,
  described,
  instant,
  list,
  name,
  object,
  oneWordOf,
  seq,
  text,
  booleanValue,
} from '../schemas/schema.js';
import type { Asked, Namespace, Told } from './namespace.js';

const presence = { bot: name, state: oneWordOf('online', 'offline') };
const hole = { channel: name, from: seq, to: seq };

const TOLD: readonly Told[] = [
  {
    event: 'ready',
    summary: 'Sent once, first: the channels of the bot and where delivery begins in each.',
    payload: object(
      {
        bot: name,
        connection: text(),
        version: oneWordOf('v1'),
        channels: list(object({ channel: name, cursor: seq, head: seq })),
        limits: object({
          messageBytes: count,
          dataDepth: count,
          historyMessages: count,
          listItems: count,
          backlogWindow: count,
          frameBytes: count,
          payloadBytes: count,
          requestsUnderWay: count,
          requestsPerSecond: count,
          requestsAtOnce: count,
          consumers: count,
        }),
      },
      { auditLog: object({ origin: text(), key: text() }) },
    ),
  },
  {
    event: 'backlog',
    summary: 'A batch of the backlog after the cursor. Acknowledging it moves the cursor.',
    payload: object({ channel: name, messages: messagesSchema, more: booleanValue, missed: count }),
    acknowledged: true,
  },
  {
    event: 'caughtup',
    summary: 'Everything up to the seq was sent; what follows is live.',
    payload: object({ channel: name, seq }),
  },
  { event: 'message', summary: 'A live message.', payload: messageSchema },
  {
    event: 'presence',
    summary: 'A member came online or went offline.',
    payload: object({ channel: name, ...presence, at: instant }, { reason: text() }),
  },
  {
    event: 'signal',
    summary: 'A bot told the other members something that is not stored.',
    payload: object({ channel: name, bot: name, type: text(64) }, { data: anything }),
  },
  {
    event: 'skipped',
    summary:
      'Seqs that will not be delivered, because of the requested bounds or because an admin has set them aside.',
    payload: object({ ...hole, reason: oneWordOf('max_age', 'max_count', 'set_aside') }),
  },
  {
    event: 'truncated',
    summary: 'Seqs that will not be delivered, because retention has removed them.',
    payload: object({ ...hole, reason: oneWordOf('retention') }),
  },
  {
    event: 'notice',
    summary: 'About the connection, or one channel.',
    payload: object(
      {
        code: oneWordOf(
          'store_unavailable',
          'store_restored',
          'superseded',
          'connected_again',
          'internal_error',
          'protocol_error',
          'slow_consumer',
          'rate_limited',
          'access_withdrawn',
          'server_stopping',
          'channel_damaged',
          'channel_restored',
        ),
        message: text(),
      },
      { channel: name },
    ),
  },
];

const ASKED: readonly Asked[] = [
  { event: 'post', summary: 'Posts a message to a channel.', payload: postSchema, answer: POSTED },
  {
    event: 'edit',
    summary: 'Replaces the content of one of the bot’s own messages.',
    payload: editSchema,
    answer: POSTED,
  },
  {
    event: 'redact',
    summary: 'Withdraws one of the bot’s own messages.',
    payload: redactSchema,
    answer: POSTED,
  },
  { event: 'ack', summary: 'Moves cursors forward.', payload: cursorMapSchema },
  {
    event: 'join',
    summary: 'Makes the bot a member of a public channel.',
    payload: object({ channel: name }, { from: { oneOf: [oneWordOf('now', 'start'), seq] } }),
    answer: { always: { channel: name, head: seq, cursor: seq } },
  },
  { event: 'leave', summary: 'Ends the membership.', payload: object({ channel: name }) },
  {
    event: 'history',
    summary: 'Reads earlier messages without moving a cursor.',
    payload: historySchema,
    answer: {
      always: { messages: messagesSchema, more: booleanValue },
      sometimes: { skipped: skippedSchema },
    },
  },
  {
    event: 'who',
    summary: 'Lists the members of a channel, and whether each is online.',
    payload: object({ channel: name }),
    answer: { always: { bots: list(object(presence, { since: instant })) } },
  },
  {
    event: 'signal',
    summary: 'Tells the other members something that is not stored.',
    payload: object({ channel: name, type: text(64) }, { data: anything }),
  },
];

/** The namespace of protocol v1, for bots. */
export const BOTS: Namespace = {
  name: 'bots',
  title: 'Bots',
  description: 'For bots, over any client of Socket.IO v4.',
  auth: object(
    { key: text() },
    {
      consumer: described('Names the cursors; default `default`.', name),
      resume: { oneOf: [oneWordOf('stored', 'now'), cursorMapSchema] },
      backlog: object({}, { maxAgeMs: count, maxCount: count }),
    },
  ),
  told: TOLD,
  asked: ASKED,
};
