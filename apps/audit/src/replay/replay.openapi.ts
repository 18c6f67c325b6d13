import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { NAME_PATTERN } from '#libs/domain/name.js';
import { QueryParameter } from '#libs/platform/openapi/content.js';
import { ProblemAnswers } from '#libs/platform/openapi/problems.js';
import { name, oneWordOf, position, text } from '#libs/protocol/schemas/schema.js';
import { REPLAY_FORMAT_NAMES } from '../formats/replay-format.js';

const oneOf = (...words: string[]) => ({ ...oneWordOf(...words), default: words[0] });

const PARAMETERS = [
  QueryParameter(
    'from',
    { type: 'string' },
    'A position or time: start at this position, or at the first event recorded at this time or later.',
    '2026-01-01T00:00:00Z',
  ),
  QueryParameter(
    'to',
    { type: 'string' },
    'A position or time: end before this position, or before the first event recorded at this time or later.',
    '2099-01-01',
  ),
  QueryParameter(
    'after',
    position,
    'Continue after the event at this position, in the direction of the replay.',
  ),
  QueryParameter('stream', text(256), 'Events of this stream.', 'messages-general'),
  QueryParameter('type', text(256), 'Events of this type.', 'MessagePosted'),
  QueryParameter('bot', name, 'Events of the bot’s own streams, and those it caused.', 'alice'),
  QueryParameter(
    'channel',
    name,
    'Messages of the channel, and what happened to the channel itself.',
    'general',
  ),
  QueryParameter(
    'direction',
    oneOf('forwards', 'backwards'),
    'The direction of reading; `from` and `to` stay in the order of the log.',
    'forwards',
  ),
  QueryParameter(
    'format',
    oneOf(...REPLAY_FORMAT_NAMES),
    'Each format has one event per line. `spreadsheet` is `csv` for people: a field that would be a formula gets an apostrophe in front.',
    'ndjson',
  ),
  QueryParameter(
    'limit',
    { type: 'integer', minimum: 1 },
    'The maximum number of events; without it, all.',
    100,
  ),
  QueryParameter(
    'follow',
    { type: 'boolean', default: false },
    'Continue with new events, until you close the connection.',
    false,
  ),
];

const EVENT =
  '{"position":"182734","stream":"messages-general","revision":41,"type":"MessagePosted",' +
  '"id":"0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f","time":"2026-11-23T18:30:00.000Z",' +
  '"data":{"id":"0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f","channel":"general","bot":"alice","body":"The build is green"},' +
  '"metadata":{"actor":{"kind":"bot","name":"alice"},"schema":1}}\n';

/** Describes the parameters and answers of `GET /v1/audit/events`. */
export const DescribesReplay = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Replay the log exactly as it is stored',
      description:
        'Streamed in chunks: an answer whose last chunk is missing is incomplete. Continue with `after` and the last position you have; the joined parts are the same bytes as one run. Compressed for clients that accept gzip.',
    }),
    ...PARAMETERS,
    ApiResponse({
      status: 200,
      description: 'The events, one per line.',
      content: {
        'application/x-ndjson': { schema: { type: 'string' }, example: EVENT },
        'text/csv': { schema: { type: 'string' } },
      },
    }),
    ProblemAnswers([
      ['invalid_payload', 'Field "format" must be one of ndjson, csv, spreadsheet, cloudevents'],
      ['invalid_name', `Field "channel" must match ${NAME_PATTERN.source}`],
      ['unknown_position', 'There is no event at this position'],
      ['unauthenticated', 'A valid key is needed'],
      ['forbidden', 'This is not for bot keys'],
      ['rate_limited', 'This key already has its full share of running replays, try again'],
      ['store_unavailable', 'The event store is not reachable, try again'],
    ]),
  );
