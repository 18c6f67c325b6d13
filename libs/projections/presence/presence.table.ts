import type { TableShape } from '../runner/table-shape.js';

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
  // Its streams are kept for 30 days: what is older can't be built again.
  comparable: `since > now() - interval '29 days'`,
};
