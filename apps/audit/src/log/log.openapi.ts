import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { ProblemAnswers, type ProblemExample } from '#libs/platform/openapi/problems.js';

const PROBLEMS: readonly ProblemExample[] = [
  ['invalid_payload', 'Unknown field "size"'],
  ['unauthenticated', 'A valid key is needed'],
  ['forbidden', 'This is not for bot keys'],
  ['store_unavailable', 'The event store is not reachable, try again'],
  ['audit_log_unavailable', 'There is no checkpoint: nothing is signed yet'],
];

const Answer = (type: string, example: string): MethodDecorator =>
  ApiResponse({
    status: 200,
    description: 'As C2SP has it.',
    content: { [type]: { schema: { type: 'string' }, example } },
  });

const CHECKPOINT =
  'verbatim/0123456789abcdef\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— verbatim/0123456789abcdef …\n';

/** Describes `GET /v1/audit/log/checkpoint`. */
export const DescribesCheckpoint = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'The newest signed checkpoint of the audit log (C2SP tlog-checkpoint)' }),
    Answer('text/plain', CHECKPOINT),
    ProblemAnswers(PROBLEMS),
  );

/** Describes `GET /v1/audit/log/checkpoint/witnessed`. */
export const DescribesWitnessed = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'The newest checkpoint that a witness has cosigned (C2SP tlog-cosignature)',
      description: 'It may be a little older than the newest one.',
    }),
    Answer('text/plain', `${CHECKPOINT}— witness.example.org/one …\n`),
    ProblemAnswers([['not_found', 'No witness has cosigned a checkpoint'], ...PROBLEMS]),
  );

/** Describes `GET /v1/audit/log/key`. */
export const DescribesKey = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'The public key that signs checkpoints',
      description:
        'Compare it with one that you got on another way: whoever can change the log can change this answer.',
    }),
    Answer('text/plain', 'verbatim/0123456789abcdef+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n'),
    ProblemAnswers(PROBLEMS),
  );

/** Describes `GET /v1/audit/log/tile/…`. */
export const DescribesTile = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'A tile of the tree, or a bundle of its entries (C2SP tlog-tiles)',
      description:
        'Paths are `<level>/<index>` and `entries/<index>`, with `.p/<width>` for one that is not full.',
    }),
    ApiParam({ name: 'path', schema: { type: 'string', example: 'entries/000.p/1' } }),
    Answer('application/octet-stream', 'bytes'),
    ProblemAnswers([['not_found', 'The newest checkpoint does not cover this tile'], ...PROBLEMS]),
  );
