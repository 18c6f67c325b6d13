import type { TableShape } from '../builds/table-shape.js';

/** Columns that are written when a message's event comes. The others say what became of the message since. */
const WRITTEN = {
  channel: 'text COLLATE "C" NOT NULL',
  seq: 'bigint NOT NULL',
  id: 'text COLLATE "C" NOT NULL',
  bot: 'text COLLATE "C" NOT NULL',
  kind: 'text COLLATE "C" NOT NULL',
  body: 'text NOT NULL',
  data: 'text',
  reply_to: 'text COLLATE "C"',
  correlation_id: 'text COLLATE "C"',
  target: 'text COLLATE "C"',
  at: 'timestamptz NOT NULL',
  position: 'bigint NOT NULL',
  exact: 'text',
  words: 'text',
  search: 'tsvector',
} as const;

export type MessageColumn = keyof typeof WRITTEN;

/**
 * One row for each event of a `messages-` stream. Rows of kind `posted` are the messages as they stand now; those of
 * edits and redactions are what became of them, for what a message said at an earlier position.
 * `words` and `search` are what a posted message is found by, made by our own code, for PostgreSQL's would go by the locale.
 *
 * Names and ids compare by bytes (collation "C"): the same order everywhere, whatever the server's locale.
 */
export const MESSAGES_TABLE: TableShape = {
  name: 'messages',
  columns: {
    ...WRITTEN,
    edited_at: 'timestamptz',
    redacted_at: 'timestamptz',
    changed_seq: 'bigint',
    original: 'text',
  },
  key: ['channel', 'seq'],
  indexes: {
    accepted: '(bot, lower(id))',
    changes: '(channel, lower(target)) WHERE target IS NOT NULL',
  },
  queryIndexes: {
    position: `(position, seq) WHERE kind = 'posted'`,
    bot: `(bot, position, seq) WHERE kind = 'posted'`,
    bot_channel: `(bot, channel, seq) WHERE kind = 'posted'`,
    at: `(at) WHERE kind = 'posted'`,
    search: `USING gin (search) WHERE kind = 'posted'`,
  },
  derived: ['words', 'search'],
};

/** PostgreSQL's type of each column that is written when an event comes, in the order in which they are written. */
export const MESSAGE_COLUMNS = Object.fromEntries(
  Object.entries(WRITTEN).map(([column, definition]) => [column, definition.split(' ')[0]!]),
) as Readonly<Record<MessageColumn, string>>;
