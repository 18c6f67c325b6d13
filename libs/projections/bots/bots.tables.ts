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
      issued_position: 'bigint NOT NULL',
      revoked_position: 'bigint',
    },
    key: ['bot', 'key_id'],
  },
  /** Every suspension and reinstatement, so that earlier standings are known. */
  {
    name: 'bot_changes',
    columns: {
      bot: 'text COLLATE "C" NOT NULL',
      revision: 'bigint NOT NULL',
      suspended_at: 'timestamptz',
      reason: 'text',
      exact: 'text',
      at: 'timestamptz NOT NULL',
      position: 'bigint NOT NULL',
    },
    key: ['bot', 'revision'],
  },
];
