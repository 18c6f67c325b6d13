import type { EntityManager } from 'typeorm';
import type { Interval } from '#libs/projections/activity/activity.table.js';
import type { StatsRange } from './stats-range.js';

/** The counts of one interval. Intervals without messages are left out. */
type StatsItem = Readonly<{
  at: string;
  posted: number;
  edited: number;
  redacted: number;
  /** Size of the texts, in bytes of UTF-8. */
  bytes: number;
  /** How many bots sent messages, and in how many channels. */
  bots: number;
  channels: number;
}>;

export type Stats = Readonly<{ interval: Interval; from: string; to: string; items: readonly StatsItem[] }>;

type Counted = Record<Exclude<keyof StatsItem, 'at'>, string> & { bucket: Date };

/** Returns the counts of each interval, in order of time. */
export const getStats = async (
  source: EntityManager,
  { interval, from, to }: StatsRange,
  { channel, bot }: Readonly<{ channel?: string; bot?: string }>,
): Promise<Stats> => {
  const parameters: unknown[] = [interval, new Date(from), new Date(to)];
  const also = (column: string, value: string | undefined): string =>
    value === undefined ? '' : ` AND ${column} = $${parameters.push(value)}`;
  const counted = await source.query<Counted[]>(
    `SELECT bucket, sum(posted) AS posted, sum(edited) AS edited, sum(redacted) AS redacted, sum(bytes) AS bytes,
       count(DISTINCT bot) AS bots, count(DISTINCT channel) AS channels
     FROM activity WHERE interval = $1 AND bucket >= $2 AND bucket < $3${also('channel', channel)}${also('bot', bot)}
     GROUP BY bucket ORDER BY bucket`,
    parameters,
  );
  const items = counted.map(({ bucket, ...counts }) => ({
    at: bucket.toISOString(),
    posted: Number(counts.posted),
    edited: Number(counts.edited),
    redacted: Number(counts.redacted),
    bytes: Number(counts.bytes),
    bots: Number(counts.bots),
    channels: Number(counts.channels),
  }));
  return { interval, from: new Date(from).toISOString(), to: new Date(to).toISOString(), items };
};
