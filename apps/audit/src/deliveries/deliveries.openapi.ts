import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { JsonAnswer, QueryParameter } from '#libs/platform/openapi/content.js';
import { ProblemAnswers } from '#libs/platform/openapi/problems.js';
import { LIMITS } from '#libs/protocol/limits.js';
import {
  booleanValue,
  count,
  instant,
  list,
  messageId,
  name,
  object,
  position,
  text,
} from '#libs/protocol/schemas/schema.js';
import type { Deliveries } from './deliveries.js';

const ref = { position, stream: text(), revision: count, type: text(), id: messageId, time: instant };
const consumer = object({ consumer: text() }, { confirmedAt: instant, confirmedAtOrBefore: instant });
const due = object(
  { bot: name, memberSince: instant, confirmed: booleanValue, consumers: list(consumer) },
  { leftAt: instant },
);

const SCHEMA = object(
  {
    message: object({ bot: name, id: messageId, channel: name, seq: count, event: object(ref) }),
    items: list(due, LIMITS.listItems),
  },
  { next: text() },
);

const ID = '0198c0de-7a3b-7c21-9d4e-5f60718293a4';
const MESSAGE = `tester/${ID}`;

const EXAMPLE: Deliveries = {
  message: {
    bot: 'tester',
    id: ID,
    channel: 'general',
    seq: 41,
    event: {
      position: '182734',
      stream: 'messages-general',
      revision: 41,
      type: 'MessagePosted',
      id: '6f9619ff-8b86-5011-b42d-00c04fc964ff',
      time: '2026-11-23T18:30:00.000Z',
    },
  },
  items: [
    {
      bot: 'alice',
      memberSince: '2026-11-20T09:00:00.000Z',
      confirmed: true,
      consumers: [{ consumer: 'default', confirmedAt: '2026-11-23T18:30:01.000Z' }],
    },
    {
      bot: 'bob',
      memberSince: '2026-11-21T09:00:00.000Z',
      leftAt: '2026-11-24T08:00:00.000Z',
      confirmed: false,
      consumers: [],
    },
  ],
};

/** Describes `GET /v1/audit/deliveries`. */
export const DescribesDeliveries = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'To whom a message was due, and who has confirmed it',
      description: [
        'The bots that were members at the message’s place in the log, by name. A consumer has confirmed the message when its stored cursor is at the message or past it. Cursors are written once a second at most, and the last 10,000 of a consumer are kept: `confirmedAtOrBefore` means that the oldest of them was past the message already.',
        'A bot that acknowledges, joins or resumes past a message confirms it by its own word; nobody can know what it did with it.',
      ].join(' '),
    }),
    QueryParameter('message', text(128), '`<bot>/<id>`: whose message, and the id that it chose.', MESSAGE),
    QueryParameter('cursor', text(64), 'The `next` of the previous answer; leave it out for the first page.'),
    QueryParameter(
      'limit',
      { type: 'integer', minimum: 1, maximum: LIMITS.listItems, default: 50 },
      'The maximum number of items on a page.',
      20,
    ),
    JsonAnswer(200, 'A page of bots.', SCHEMA, EXAMPLE),
    ProblemAnswers([
      ['invalid_payload', 'Field "message" must be <bot>/<id of the message>'],
      ['unauthenticated', 'A valid key is needed'],
      ['forbidden', 'This is not for bot keys'],
      ['unknown_message', 'Bot "alice" has no message with this id in the log'],
      ['store_unavailable', 'The event store is not reachable, try again'],
      ['event_index_unavailable', 'The index of events has read 43 % of the log; try again'],
    ]),
  );
