import type { TableShape } from '../runner/table-shape.js';

export const CHANNELS_TABLES: readonly TableShape[] = [
  {
    name: 'channels',
    columns: {
      name: 'text COLLATE "C" NOT NULL',
      visibility: 'text NOT NULL',
      status: 'text NOT NULL',
      opened_at: 'timestamptz NOT NULL',
      archived_at: 'timestamptz',
      member_count: 'int NOT NULL DEFAULT 0',
      position: 'bigint NOT NULL',
    },
    key: ['name'],
  },
  {
    name: 'channel_members',
    columns: {
      channel: 'text COLLATE "C" NOT NULL',
      bot: 'text COLLATE "C" NOT NULL',
      joined_at: 'timestamptz NOT NULL',
      from_seq: 'bigint NOT NULL',
    },
    key: ['channel', 'bot'],
    indexes: { bot: '(bot, channel)' },
  },
];
