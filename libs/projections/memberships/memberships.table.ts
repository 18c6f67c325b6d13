import type { TableShape } from '../builds/table-shape.js';

export const MEMBERSHIPS_TABLE: TableShape = {
  name: 'memberships',
  columns: {
    channel: 'text COLLATE "C" NOT NULL',
    bot: 'text COLLATE "C" NOT NULL',
    joined_at: 'timestamptz NOT NULL',
    from_seq: 'bigint NOT NULL',
  },
  key: ['channel', 'bot'],
  queryIndexes: { bot: '(bot, channel)' },
};
