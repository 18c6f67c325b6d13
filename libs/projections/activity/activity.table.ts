import type { TableShape } from '../builds/table-shape.js';

export const INTERVALS = ['minute', 'hour', 'day'] as const;
export type Interval = (typeof INTERVALS)[number];

export const ACTIVITY_TABLE: TableShape = {
  name: 'activity',
  columns: {
    interval: 'text COLLATE "C" NOT NULL',
    bucket: 'timestamptz NOT NULL',
    channel: 'text COLLATE "C" NOT NULL',
    bot: 'text COLLATE "C" NOT NULL',
    posted: 'bigint NOT NULL',
    edited: 'bigint NOT NULL',
    redacted: 'bigint NOT NULL',
    bytes: 'bigint NOT NULL',
    last_seq: 'bigint NOT NULL',
  },
  key: ['interval', 'bucket', 'channel', 'bot'],
  queryIndexes: {
    channel: '(interval, channel, bucket)',
    bot: '(interval, bot, bucket)',
  },
};
