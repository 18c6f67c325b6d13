import { IsIn, ValidateBy } from 'class-validator';
import { parsePosition, type LogPosition } from '#libs/event-store/position.js';
import { RequestError } from '#libs/protocol/errors.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';
import { STORE_TICKS, isInstant, ticksAt } from '#libs/protocol/validation/instants.js';
import { IsNotBefore, IsPosition, isPosition } from '#libs/protocol/validation/query-rules.js';
import { IsCount, IsName, IsShortText, Optional } from '#libs/protocol/validation/rules.js';
import { REPLAY_FORMAT_NAMES, type ReplayFormatName } from '../formats/replay-format.js';
import type { EventFilter } from './event-filter.js';

/** The largest limit, more than any log holds. A larger replay can be requested without a limit. */
const MAX_LIMIT = 1_000_000_000;

const IsPlace = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPlace',
    validator: {
      validate: (value) => isPosition(value) || isInstant(value, STORE_TICKS),
      defaultMessage: (args) =>
        `Field "${args?.property}" must be a position, or a date or time with offset, to 100 ns, like 2026-11-23T18:30:00Z`,
    },
  });

const IsOneOf = (words: readonly string[]): PropertyDecorator =>
  IsIn([...words], { message: (args) => `Field "${args.property}" must be one of ${words.join(', ')}` });

/** `GET /v1/audit/events` */
class ReplayRequest {
  /** Inclusive. */
  @Optional()
  @IsPlace()
  from?: string;

  /** Exclusive. */
  @Optional()
  @IsPlace()
  @IsNotBefore('from')
  to?: string;

  /** Position of the last event that the client already has, in the direction of the replay. */
  @Optional()
  @IsPosition()
  after?: string;

  @Optional()
  @IsShortText(256)
  stream?: string;

  @Optional()
  @IsShortText(256)
  type?: string;

  @Optional()
  @IsName()
  bot?: string;

  @Optional()
  @IsName()
  channel?: string;

  @Optional()
  @IsOneOf(['forwards', 'backwards'])
  direction?: 'forwards' | 'backwards';

  @Optional()
  @IsOneOf(REPLAY_FORMAT_NAMES)
  format?: ReplayFormatName;

  @Optional()
  @IsCount(MAX_LIMIT)
  limit?: number;

  @Optional()
  @IsOneOf(['true', 'false'])
  follow?: 'true' | 'false';
}

/**
 * A place in the log: the position of an event, or a time (100 ns since 1970) that stands for the first event
 * recorded at that time or later.
 */
export type Place = Readonly<{ position: LogPosition } | { ticks: bigint }>;

/** Describes the events to replay. */
export type Replay = Readonly<{
  from?: Place | undefined;
  to?: Place | undefined;
  after?: LogPosition | undefined;
  filter: EventFilter;
  direction: 'forwards' | 'backwards';
  limit: number;
  follow: boolean;
}>;

/**
 * Parses the query of a replay.
 *
 * @throws RequestError `invalid_payload` or `invalid_name`
 */
export const parseReplay = (
  query: Readonly<Record<string, unknown>>,
): Replay & { format: ReplayFormatName } => {
  const request = parseQuery(ReplayRequest, query, ['limit']);
  const { from, to, after, stream, type, bot, channel, direction = 'forwards' } = request;
  const follow = request.follow === 'true';
  if (follow && direction === 'backwards')
    throw new RequestError('invalid_payload', 'Field "follow" works only forwards');
  return {
    from: placeOf(from),
    to: placeOf(to),
    after: after === undefined ? undefined : parsePosition(after),
    filter: { stream, type, bot, channel },
    direction,
    limit: request.limit ?? Infinity,
    follow,
    format: request.format ?? 'ndjson',
  };
};

const placeOf = (text: string | undefined): Place | undefined => {
  if (text === undefined) return undefined;
  return isPosition(text) ? { position: parsePosition(text) } : { ticks: ticksAt(text) };
};
