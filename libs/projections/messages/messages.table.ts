import type { TableShape } from '../builds/table-shape.js';

/** The columns that are written when a message's event comes. The other columns hold later changes to the message. */
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
 * One row for each event of a `messages-` stream. Rows of kind `posted` are the messages in their present state. Rows
 * of edits and redactions record the changes, so that the content at an earlier position is known. Posted messages are
 * searched by `words` and `search`. Our own code fills them, because PostgreSQL's parser depends on the locale.
 *
 * Names and ids compare by bytes (collation "C"), so their order is the same everywhere, whatever the server's locale.
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

/** PostgreSQL's type of each column that is written when an event comes, in the order of the columns. */
export const MESSAGE_COLUMNS = Object.fromEntries(
  Object.entries(WRITTEN).map(([column, definition]) => [column, definition.split(' ')[0]!]),
) as Readonly<Record<MessageColumn, string>>;
