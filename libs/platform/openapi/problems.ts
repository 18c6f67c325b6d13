import { applyDecorators } from '@nestjs/common';
import { ApiParam, ApiResponse } from '@nestjs/swagger';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { ERROR_CODES, RequestError, type ErrorCode } from '#libs/protocol/errors.js';
import { problemSchema } from '#libs/protocol/schemas/error.schema.js';
import { toProblem, type Problem } from '../http/problem.filter.js';

/** A code and the message that comes with it. */
export type ProblemExample = readonly [ErrorCode, string];

/** Milliseconds shown in the examples of errors that may be retried. */
const RETRY_AFTER_MS = 2_000;

/** Documents the problem documents that a route may answer with, grouped by status, with an example of each. */
export const ProblemAnswers = (problems: readonly ProblemExample[]): MethodDecorator => {
  const gathered = new Map<number, Record<string, ProblemContent>>();
  for (const [code, message] of problems) {
    const { status } = ERROR_CODES[code];
    gathered.set(status, { ...gathered.get(status), [code]: problemExample(code, message) });
  }
  return applyDecorators(
    ...[...gathered].map(([status, examples]) =>
      ApiResponse({
        status,
        description: Object.keys(examples).join(', '),
        content: { 'application/problem+json': { schema: problemSchema, examples } },
      }),
    ),
  );
};

/** Documents the problems of a route that writes to the log: the given ones, and those that every such route shares. */
export const CommandProblems = (...problems: readonly ProblemExample[]): MethodDecorator =>
  ProblemAnswers([
    ...problems,
    ['invalid_payload', 'Unknown field "colour"'],
    ['malformed_json', 'The request body is not valid JSON'],
    ['unauthenticated', 'A valid key is needed'],
    ['forbidden', 'This is not for auditor keys'],
    ['rate_limited', 'This key sends more than 200 requests a second'],
    ['store_unavailable', 'The event store is not reachable, try again'],
  ]);

/** Documents a bot's or channel's name in the path. */
export const NameInPath = (name: string, example: string): MethodDecorator =>
  ApiParam({ name, schema: { type: 'string', pattern: NAME_PATTERN.source, example } });

/** Returns the problem that answers a name which breaks the rules. */
export const invalidName = (field: string): ProblemExample => [
  'invalid_name',
  `Field "${field}" must match ${NAME_PATTERN.source}`,
];

type ProblemContent = Readonly<{ summary: string; value: Problem }>;

const problemExample = (code: ErrorCode, message: string): ProblemContent => ({
  summary: message,
  value: toProblem(
    new RequestError(code, message, ERROR_CODES[code].status === 503 ? RETRY_AFTER_MS : undefined),
  ),
});
