import type { TableShape } from '../builds/table-shape.js';

export const PRESENCE_TABLE: TableShape = {
  name: 'presence',
  columns: {
    bot: 'text COLLATE "C" NOT NULL',
    state: 'text NOT NULL',
    since: 'timestamptz NOT NULL',
    reason: 'text',
    connections: 'text NOT NULL',
    revision: 'bigint NOT NULL',
  },
  key: ['bot'],
  // Presence streams are kept for 30 days. Older rows can't be rebuilt, so they are not compared.
  comparable: `since > now() - interval '29 days'`,
};
