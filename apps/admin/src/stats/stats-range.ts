import type { Interval } from '#libs/projections/activity/activity.table.js';
import { RequestError } from '#libs/protocol/errors.js';

const LENGTH_MS: Readonly<Record<Interval, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * The maximum number of intervals in an answer: a day by the minute, two months by the hour, four years by
 * the day.
 */
export const MAX_INTERVALS = 1_500;
const DEFAULT_INTERVALS = 60;

/** A range of whole intervals in UTC. Times are in milliseconds since 1970. */
export type StatsRange = Readonly<{ interval: Interval; from: number; to: number }>;

/**
 * Returns the requested intervals. By default, these are the last 60 up to now, including the current one.
 *
 * @throws RequestError `invalid_payload` when there are none or too many
 */
export const statsRange = (
  query: Readonly<{ interval?: Interval; from?: string; to?: string }>,
  now: number,
): StatsRange => {
  const { interval = 'hour' } = query;
  const length = LENGTH_MS[interval];
  const to = Math.ceil((query.to === undefined ? now + 1 : Date.parse(query.to)) / length) * length;
  const from =
    query.from === undefined
      ? to - DEFAULT_INTERVALS * length
      : Math.floor(Date.parse(query.from) / length) * length;
  if (from >= to) throw new RequestError('invalid_payload', 'Field "from" must be before "to"');
  if (to - from > MAX_INTERVALS * length) {
    throw new RequestError(
      'invalid_payload',
      `At most ${MAX_INTERVALS} intervals at a time: narrow "from" and "to", or take a longer "interval"`,
    );
  }
  return { interval, from, to };
};
