import type { TableShape } from '../builds/table-shape.js';

export const BOTS_TABLES: readonly TableShape[] = [
  {
    name: 'bots',
    columns: {
      name: 'text COLLATE "C" NOT NULL',
      status: 'text NOT NULL',
      registered_at: 'timestamptz NOT NULL',
      suspended_at: 'timestamptz',
      reason: 'text',
      exact: 'text',
      position: 'bigint NOT NULL',
    },
    key: ['name'],
  },
  {
    name: 'bot_keys',
    columns: {
      bot: 'text COLLATE "C" NOT NULL',
      key_id: 'text COLLATE "C" NOT NULL',
      issued_at: 'timestamptz NOT NULL',
      revoked_at: 'timestamptz',
    },
    key: ['bot', 'key_id'],
  },
];
