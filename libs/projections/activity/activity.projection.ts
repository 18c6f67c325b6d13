import { CONVERSATION_EVENT_TYPES } from '#libs/domain/conversation/conversation.events.js';
import { unnest } from '../postgres/unnest.js';
import { toMessageOf } from '../messages/message-row.js';
import type { Projection } from '../builds/projection.js';
import { ACTIVITY_TABLE, INTERVALS } from './activity.table.js';

const COLUMNS = {
  channel: 'text',
  bot: 'text',
  kind: 'text',
  seq: 'bigint',
  at: 'timestamptz',
  bytes: 'bigint',
} as const;

const INTERVAL_LIST = INTERVALS.map((interval) => `'${interval}'`).join(', ');

/**
 * Counts what each bot said in each channel, by minute, hour and day in UTC. `bytes` is the size of the texts in UTF-8.
 */
export const activityProjection: Projection = {
  name: 'activity',
  version: 1,
  tables: [ACTIVITY_TABLE],
  streamPrefixes: ['messages-'],
  eventTypes: CONVERSATION_EVENT_TYPES,
  async apply(events, tx, table) {
    const said = events.map(toMessageOf).map(({ channel, bot, kind, seq, at, body }) => ({
      channel,
      bot,
      kind,
      seq,
      at,
      bytes: kind === 'redacted' ? 0 : Buffer.byteLength(body),
    }));
    const { given, parameters } = unnest(COLUMNS, said);
    // An event that a row has counted is not counted again, because seqs only grow within a channel.
    await tx.run(
      `INSERT INTO ${table('activity')} AS a
         (interval, bucket, channel, bot, posted, edited, redacted, bytes, last_seq)
       SELECT i.interval, date_trunc(i.interval, given.at, 'UTC') AS bucket, given.channel, given.bot,
         count(*) FILTER (WHERE kind = 'posted'), count(*) FILTER (WHERE kind = 'edited'),
         count(*) FILTER (WHERE kind = 'redacted'), sum(given.bytes), max(given.seq)
       FROM ${given} CROSS JOIN unnest(ARRAY[${INTERVAL_LIST}]) AS i (interval)
       LEFT JOIN ${table('activity')} AS old
         ON old.interval = i.interval AND old.bucket = date_trunc(i.interval, given.at, 'UTC')
         AND old.channel = given.channel AND old.bot = given.bot
       WHERE old.last_seq IS NULL OR given.seq > old.last_seq
       GROUP BY 1, 2, 3, 4
       ON CONFLICT (interval, bucket, channel, bot) DO UPDATE SET
         posted = a.posted + excluded.posted, edited = a.edited + excluded.edited,
         redacted = a.redacted + excluded.redacted, bytes = a.bytes + excluded.bytes, last_seq = excluded.last_seq`,
      parameters,
    );
  },
};
