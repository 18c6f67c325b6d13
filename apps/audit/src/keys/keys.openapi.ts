import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { JsonAnswer } from '#libs/platform/openapi/content.js';
import { ProblemAnswers, type ProblemExample } from '#libs/platform/openapi/problems.js';
import { count, list, object, text } from '#libs/protocol/schemas/schema.js';
import type { DoneChange, KeyHistory } from './key-changes.js';

const OLD = 'verbatim/0123456789abcdef+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const NEW = 'verbatim/0123456789abcdef+1f0a2b3c+AQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWRpc2';

const PROBLEMS: readonly ProblemExample[] = [
  ['invalid_payload', 'Unknown field "size"'],
  ['unauthenticated', 'A valid key is needed'],
  ['forbidden', 'This is not for bot keys'],
  ['rate_limited', 'This key sends more than 200 requests a second'],
  ['store_unavailable', 'The event store is not reachable, try again'],
  ['audit_log_unavailable', "The audit log can't do this now: nothing is signed yet"],
];

const HISTORY: KeyHistory = {
  first: OLD,
  changes: ['verbatim audit log: key rotation v1\n…\n'],
  current: NEW,
};
const DONE: DoneChange = { from: OLD, to: NEW, size: 20_852_163 };
const DONE_SCHEMA = object({ from: text(), to: text(), size: count });

/** Describes `GET /v1/audit/log/keys`. */
export const DescribesHistory = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'How the audit log came to its key',
      description: 'The key that signed the first checkpoint, and the signed notes by which it was changed.',
    }),
    JsonAnswer(
      200,
      'Each change is signed by the key before it.',
      object({ first: text(), changes: list(text()), current: text() }),
      HISTORY,
    ),
    ProblemAnswers(PROBLEMS),
  );

/** Describes `POST /v1/audit/log/keys/rotate`. */
export const DescribesRotation = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Have another key sign the audit log from now on' }),
    JsonAnswer(200, 'The change is in the log, signed by both keys.', DONE_SCHEMA, DONE),
    ProblemAnswers(PROBLEMS),
  );

/** Describes `POST /v1/audit/log/keys/replace`. */
export const DescribesReplacement = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Have the audit log go on under another name, because its key is lost',
      description: 'No signature shows that the new key belongs to this log: tell it to those who verify.',
    }),
    JsonAnswer(200, 'The change is in the log, signed by the new key.', DONE_SCHEMA, DONE),
    ProblemAnswers([['key_not_lost', 'The log has a key, and it is here'], ...PROBLEMS]),
  );
