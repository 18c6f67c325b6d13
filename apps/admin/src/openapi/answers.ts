import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { LIMITS } from '#libs/protocol/limits.js';
import { QueryParameter } from '#libs/platform/openapi/content.js';
import { ProblemAnswers, type ProblemExample } from '#libs/platform/openapi/problems.js';
import { position, text, type Schema } from '#libs/protocol/schemas/schema.js';
import { DEFAULT_LIMIT } from '../query/page.js';

const FRESHNESS_HEADERS = {
  'X-Verbatim-Position': {
    description: 'The answer reflects everything in the log at least up to this position.',
    schema: { type: 'string' as const, example: '182734' },
  },
  'X-Verbatim-Lag-Ms': {
    description: 'By how many milliseconds the answer may lag behind the log.',
    schema: { type: 'integer' as const, example: 12 },
  },
};

const STALE_HEADERS = {
  Age: {
    description: 'Only while PostgreSQL is away: how many seconds ago this answer was current.',
    schema: { type: 'integer' as const, example: 30 },
  },
  'X-Verbatim-Stale': {
    description: 'Only while PostgreSQL is away: `true`.',
    schema: { type: 'string' as const, example: 'true' },
  },
};

/** Describes a 200 answer: its schema, an example, and the headers that say how fresh it is. */
export const ReadAnswer = (description: string, schema: Schema, example: object): MethodDecorator =>
  ApiResponse({
    status: 200,
    description,
    headers: { ...FRESHNESS_HEADERS, ...STALE_HEADERS },
    content: { 'application/json': { schema, example } },
  });

/** Describes the problem documents of a route, in addition to those that any route can have. */
export const Problems = (...problems: readonly ProblemExample[]): MethodDecorator =>
  ProblemAnswers([...problems, ...EVERYWHERE]);

const EVERYWHERE = [
  ['invalid_payload', 'Unknown field "colour"'],
  ['unauthenticated', 'A valid key is needed'],
  ['forbidden', 'This is not for bot keys'],
  ['rate_limited', 'This key sends more than 200 requests a second'],
  ['read_model_unavailable', 'The read models are not reachable, try again'],
] as const satisfies readonly ProblemExample[];

const NOT_CAUGHT_UP = 'The read model is at position 120, not yet at 182734';

/** Describes `minPosition` and the error it can cause. */
export const WaitsForPosition = (): MethodDecorator =>
  applyDecorators(
    QueryParameter(
      'minPosition',
      position,
      'Wait, five seconds at most, until the answer reflects this position.',
      '0',
    ),
    ProblemAnswers([['not_caught_up', NOT_CAUGHT_UP]]),
  );

/** Describes `asOf`. */
export const ShownAsOf = (): MethodDecorator =>
  QueryParameter(
    'asOf',
    text(),
    'A position or a time: shows everything as it was then, inclusive.',
    '2099-01-01T00:00:00Z',
  );

/** Describes `cursor` and `limit`. */
export const Paged = (): MethodDecorator =>
  applyDecorators(
    QueryParameter(
      'cursor',
      text(300),
      'The `next` of the previous answer; leave it out for the first page.',
    ),
    QueryParameter(
      'limit',
      { type: 'integer', minimum: 1, maximum: LIMITS.listItems, default: DEFAULT_LIMIT },
      'The maximum number of items on a page.',
      20,
    ),
  );
