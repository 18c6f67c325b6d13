import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { JsonAnswer, JsonBody } from '#libs/platform/openapi/content.js';
import { ProblemAnswers, type ProblemExample } from '#libs/platform/openapi/problems.js';
import {
  booleanValue,
  count,
  described,
  instant,
  list,
  object,
  oneWordOf,
  position,
  text,
  type Schema,
} from '#libs/protocol/schemas/schema.js';
import { MAX_CHECKPOINT, MAX_CHECKPOINTS } from './verify.request.js';

const place = object({ position }, { stream: text(), revision: count, leaf: count });

const finding = object(
  {
    kind: oneWordOf('damaged', 'gap', 'order', 'repeated_id', 'false_checkpoint', 'changed', 'cut_off'),
    text: text(),
  },
  { at: place, upTo: place, after: place },
);

const result = object(
  {
    result: oneWordOf('verified', 'not_verified', 'not_judged'),
    keyWasGiven: booleanValue,
    events: count,
    streams: count,
    messages: count,
    checkpoints: object({ logged: count, held: count }),
    proven: described('How many events the newest checkpoint proves.', count),
    setAside: described('How many events can’t be read, and were set aside before they were signed.', count),
    findings: list(finding),
    found: count,
  },
  { why: text(), origin: text(), key: text(), firstWrong: place },
);

const fraction: Schema = { type: 'number', minimum: 0, maximum: 1 };

const state = object(
  { state: oneWordOf('none', 'running', 'done', 'failed', 'stopped') },
  {
    id: text(),
    startedAt: instant,
    endedAt: instant,
    progress: object({ events: count, done: fraction, eventsPerSecond: count, secondsLeft: count }),
    result,
    why: text(),
  },
);

const RUNNING = {
  state: 'running',
  id: '0198f0aa-1f2b-4c3d-8e4f-5a6b7c8d9e0f',
  startedAt: '2026-11-23T18:30:00.000Z',
};
const DONE = {
  ...RUNNING,
  state: 'done',
  endedAt: '2026-11-23T18:30:20.000Z',
  progress: { events: 1_000_000, done: 1, eventsPerSecond: 50_000, secondsLeft: 0 },
  result: {
    result: 'not_verified',
    origin: 'verbatim/0123456789abcdef',
    key: 'verbatim/0123456789abcdef+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    keyWasGiven: true,
    events: 1_000_000,
    streams: 12,
    messages: 999_000,
    checkpoints: { logged: 180, held: 1 },
    proven: 180_000,
    setAside: 0,
    firstWrong: { position: '182734', stream: 'messages-general', revision: 41, leaf: 180_207 },
    findings: [
      {
        kind: 'changed',
        text: 'It is not the event that was signed in this place (checkpoint 181 in the log)',
        at: { position: '182734', stream: 'messages-general', revision: 41, leaf: 180_207 },
      },
    ],
    found: 1,
  },
};

const PROBLEMS: readonly ProblemExample[] = [
  ['unauthenticated', 'A valid key is needed'],
  ['forbidden', 'This is not for bot keys'],
  ['store_unavailable', 'The event store is not reachable, try again'],
];

const WITHOUT_PARAMETERS: readonly ProblemExample[] = [
  ['invalid_payload', 'Unknown field "colour"'],
  ...PROBLEMS,
];

/** Describes `POST /v1/audit/verify`. */
export const DescribesStart = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Check that the log is the one that was signed',
      description:
        'The whole log is read again. Its tree is compared with every checkpoint in it, with those you send, and with the one that the server remembers; revisions and message ids are checked, too. One verification at a time; `GET` shows its progress and its result. Whoever can change the log can change this answer: verify an export on a machine of your own, or send checkpoints and key that you kept.',
    }),
    JsonBody(
      object({}, { checkpoints: list(text(MAX_CHECKPOINT), MAX_CHECKPOINTS), key: text() }),
      { checkpoints: [] },
      false,
    ),
    JsonAnswer(202, 'It has begun.', state, RUNNING),
    ProblemAnswers([
      ['invalid_payload', 'Field "checkpoints": checkpoint 1 of those sent can\'t be used: it is no note'],
      ['malformed_json', 'The request body is not valid JSON'],
      ...PROBLEMS,
      ['rate_limited', 'A verification is running already'],
    ]),
  );

/** Describes `GET /v1/audit/verify`. */
export const DescribesState = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'The newest verification: how far it is, or its result' }),
    JsonAnswer(200, 'The state; `none` if there was none since the process started.', state, DONE),
    ProblemAnswers(WITHOUT_PARAMETERS),
  );

/** Describes `DELETE /v1/audit/verify`. */
export const DescribesStop = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Stop the running verification' }),
    JsonAnswer(200, 'It has stopped, or none was running.', state, {
      ...RUNNING,
      state: 'stopped',
      endedAt: '2026-11-23T18:30:05.000Z',
    }),
    ProblemAnswers(WITHOUT_PARAMETERS),
  );
