import type { TableShape } from '../builds/table-shape.js';

export const CHANNELS_TABLE: TableShape = {
  name: 'channels',
  columns: {
    name: 'text COLLATE "C" NOT NULL',
    visibility: 'text NOT NULL',
    status: 'text NOT NULL',
    opened_at: 'timestamptz NOT NULL',
    archived_at: 'timestamptz',
    archived_position: 'bigint',
    member_count: 'int NOT NULL DEFAULT 0',
    position: 'bigint NOT NULL',
    revision: 'bigint NOT NULL',
  },
  key: ['name'],
};
