import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import { JsonAnswer, QueryParameter } from '#libs/platform/openapi/content.js';
import {
  NameInPath,
  ProblemAnswers,
  invalidName,
  type ProblemExample,
} from '#libs/platform/openapi/problems.js';
import { count, list, messageId, name, object, text } from '#libs/protocol/schemas/schema.js';
import type { MessageProof } from './message-proof.js';

const ID = '0198c0de-7a3b-7c21-9d4e-5f60718293a4';

const EXAMPLE: MessageProof = {
  bot: 'alice',
  id: ID,
  channel: 'general',
  seq: 41,
  checkpoint: 'verbatim/0123456789abcdef\n2\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— …\n',
  index: 1,
  entry: 'AQAQbWVzc2FnZXMtZ2VuZXJhbA…',
  data: 'eyJib3QiOiJhbGljZSIsImJvZHkiOiJoaSJ9',
  path: ['CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I='],
};

const SCHEMA = object(
  {
    bot: name,
    id: messageId,
    channel: name,
    seq: count,
    checkpoint: text(),
    index: count,
    entry: text(),
    path: list(text()),
  },
  { data: text(), consistency: list(text()) },
);

const PROBLEMS: readonly ProblemExample[] = [
  ['invalid_payload', 'Field "id" must be a UUID'],
  invalidName('bot'),
  ['unauthenticated', 'A valid key is needed'],
  ['forbidden', 'Bot "bob" is not a member of the channel of this message'],
  ['unknown_message', 'Bot "alice" has no message with this id'],
  ['rate_limited', 'This key sends more than 200 requests a second'],
  ['proof_not_ready', 'The message is in the log, but no signed checkpoint covers it yet'],
  ['audit_log_unavailable', 'There is no checkpoint: nothing is signed yet'],
  ['channel_damaged', 'Channel "general" is stopped'],
  ['store_unavailable', 'The event store is not reachable, try again'],
];

/** Describes `GET /v1/messages/:bot/:id/proof`. */
export const DescribesProof = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'The proof that a message is in the audit log',
      description:
        'Signed checkpoint, leaf and path. A message can be proven once a checkpoint covers it, after 10 s at the latest.',
    }),
    NameInPath('bot', 'alice'),
    ApiParam({ name: 'id', schema: { ...messageId, example: ID } }),
    QueryParameter(
      'since',
      count,
      'The leaves of a checkpoint that you keep: `consistency` proves that the log continues it',
      0,
    ),
    JsonAnswer(200, 'All bytes are in base64.', SCHEMA, EXAMPLE),
    ProblemAnswers(PROBLEMS),
  );
