import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import { JsonAnswer } from '#libs/platform/openapi/content.js';
import { ProblemAnswers } from '#libs/platform/openapi/problems.js';
import {
  anything,
  booleanValue,
  count,
  instant,
  list,
  messageId,
  object,
  oneWordOf,
  position,
  text,
} from '#libs/protocol/schemas/schema.js';
import { MAX_RELATED } from './explain-event.js';

const ref = { position, stream: text(), revision: count, type: text(), id: messageId, time: instant };
const actor = object(
  { kind: oneWordOf('bot', 'admin', 'auditor', 'system') },
  { name: text(), keyId: text(), connection: text() },
);
const byWhom = object({ ...ref, actor });
const related = list(
  object({ ...ref, relation: oneWordOf('edits', 'redacts', 'repliesTo', 'causedBy', 'sameChain') }),
  MAX_RELATED,
);

const whySchema = object(
  {
    event: object(ref, { data: anything, metadata: anything, dataBase64: text(), metadataBase64: text() }),
    actor,
    command: object({ id: text(), correlationId: text() }),
    gateway: text(),
    causes: related,
    effects: related,
    more: object({ causes: booleanValue, effects: booleanValue }),
    unknown: list(text()),
  },
  {
    key: object({ keyId: text() }, { issued: byWhom, revoked: byWhom }),
    connection: object({ connection: text() }, { consumer: text(), began: object(ref), ended: object(ref) }),
    sameId: list(object(ref)),
  },
);

const ID = '6f9619ff-8b86-5011-b42d-00c04fc964ff';
/** The id of the message in the example of `POST /v1/messages`. */
const CHOSEN = '0198c0de-7a3b-7c21-9d4e-5f60718293a4';
const CONNECTION = 'p8yKk3nq2rJ0fQ1TAAAB';

const refAt = (at: number, stream: string, type: string, id: string) => {
  return { position: String(182_000 + at), stream, revision: 41, type, id, time: '2026-11-23T18:30:00.000Z' };
};

const EXAMPLE = {
  event: {
    ...refAt(734, 'messages-general', 'MessagePosted', ID),
    data: { id: CHOSEN, channel: 'general', bot: 'alice', body: 'The build is green' },
  },
  actor: { kind: 'bot', name: 'alice', keyId: 'abcd2345', connection: CONNECTION },
  command: { id: CHOSEN, correlationId: CHOSEN },
  gateway: 'gateway-1/4f0c',
  key: {
    keyId: 'abcd2345',
    issued: {
      ...refAt(100, 'bot-alice', 'KeyIssued', '5e1cf3b0-8a5d-4f5e-9d0d-3c6a2b1f7e10'),
      actor: { kind: 'admin', keyId: 'wxyz6789' },
    },
  },
  connection: {
    connection: CONNECTION,
    consumer: 'default',
    began: refAt(700, 'presence-alice', 'BotConnected', '0d4c3f62-7f0c-4b8a-a1de-91f4ab4c2a55'),
  },
  causes: [],
  effects: [
    {
      ...refAt(810, 'messages-general', 'MessageEdited', '9b2e7c1d-4a3f-5e6b-8c7d-2f1e0d9c8b7a'),
      relation: 'edits',
    },
  ],
  more: { causes: false, effects: false },
  unknown: [],
};

/** Describes `GET /v1/audit/why/:id`. */
export const DescribesWhy = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Why an event is in the log, and what it led to',
      description: [
        'Back to the command, the bot, its key, its connection and the gateway; onward to edits, redactions, replies and whatever names the event as its cause, or has the same correlation id.',
        `At most ${MAX_RELATED} causes and effects; \`more\` says if there are others. \`unknown\` says in words what could not be found.`,
        'The first question makes an index of the log. Until it has read all of it, the answer is `event_index_unavailable`, which says how far it is.',
      ].join(' '),
    }),
    ApiParam({
      name: 'id',
      description: 'The id of the event; also that of a message, if one bot alone used it.',
      schema: { ...messageId, example: CHOSEN },
    }),
    JsonAnswer(200, 'The event, as it is stored, and what belongs to it.', whySchema, EXAMPLE),
    ProblemAnswers([
      ['invalid_payload', 'Field "id" must be a UUID'],
      ['unauthenticated', 'A valid key is needed'],
      ['forbidden', 'This is not for bot keys'],
      ['unknown_event', 'No event in the log has this id'],
      ['store_unavailable', 'The event store is not reachable, try again'],
      ['event_index_unavailable', 'The index of events has read 43 % of the log; try again'],
    ]),
  );
