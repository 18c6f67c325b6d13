import type { TableShape } from '../builds/table-shape.js';

/** Every beginning of a membership, and every end (`from_seq` is null), so that earlier members are known. */
const MEMBERSHIP_CHANGES_TABLE: TableShape = {
  name: 'membership_changes',
  columns: {
    channel: 'text COLLATE "C" NOT NULL',
    revision: 'bigint NOT NULL',
    bot: 'text COLLATE "C" NOT NULL',
    at: 'timestamptz NOT NULL',
    from_seq: 'bigint',
    position: 'bigint NOT NULL',
  },
  key: ['channel', 'revision'],
  queryIndexes: { bot: '(bot, channel, revision)', member: '(channel, bot, revision)' },
};

const MEMBERSHIPS_TABLE: TableShape = {
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

export const MEMBERSHIPS_TABLES: readonly TableShape[] = [MEMBERSHIPS_TABLE, MEMBERSHIP_CHANGES_TABLE];
