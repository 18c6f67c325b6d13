import type { Json } from '#libs/domain/json.js';
import type { Message } from '#libs/protocol/message.js';
import { exactText, restoreExact, storableText } from '../postgres/exact-text.js';
import type { Transaction } from '../postgres/transaction.js';
import { unnest } from '../postgres/unnest.js';
import { changeMessage } from './message-changes.js';
import type { Content, MessageState } from './message-changes.js';
import { indexedText } from './search/indexed-text.js';

type Target = Readonly<{
  channel: string;
  seq: string;
  id: string;
  bot: string;
  body: string;
  data: string | null;
  exact: string | null;
  edited_at: Date | null;
  redacted_at: Date | null;
  changed_seq: string | null;
  original: string | null;
}>;

/** Returns the key of a message: its channel, its bot, and the id that the bot gave it. */
const nameOf = (channel: string, bot: string, id: string): string => `${channel}/${bot}/${id.toLowerCase()}`;

/** Applies edits and redactions, in log order, to the messages that they change. */
export const applyChanges = async (
  changes: readonly Message[],
  tx: Transaction,
  table: string,
): Promise<void> => {
  if (changes.length === 0) return;
  const targets = await findTargets(changes, tx, table);
  const after = new Map<string, MessageState>();
  for (const change of changes) {
    const name = nameOf(change.channel, change.bot, storableText(change.target ?? ''));
    const target = targets.get(name);
    if (target) after.set(name, changeMessage(after.get(name) ?? stateOf(target), change));
  }
  const changed = [...after].map(([name, state]) => toChanged(targets.get(name)!, state));
  await writeTargets(changed, tx, table);
  await forgetRedacted(changed, tx, table);
};

/** Returns the messages to change. If an id occurs twice, the first one counts, as it does for bots. */
const findTargets = async (
  changes: readonly Message[],
  tx: Transaction,
  table: string,
): Promise<Map<string, Target>> => {
  const wanted = changes.map(({ channel, bot, target = '' }) => ({
    channel,
    bot,
    id: storableText(target).toLowerCase(),
  }));
  const { given, parameters } = unnest({ channel: 'text', bot: 'text', id: 'text' }, wanted);
  const rows = await tx.rows<Target>(
    `SELECT DISTINCT ON (m.channel, m.bot, lower(m.id))
       m.channel, m.seq, m.id, m.bot, m.body, m.data, m.exact,
       m.edited_at, m.redacted_at, m.changed_seq, m.original
     FROM ${given} JOIN ${table} AS m
       ON m.bot = given.bot AND lower(m.id) = given.id AND m.channel = given.channel AND m.kind = 'posted'
     ORDER BY m.channel, m.bot, lower(m.id), m.seq`,
    parameters,
  );
  return new Map(rows.map((row) => [nameOf(row.channel, row.bot, row.id), row]));
};

const stateOf = (stored: Target): MessageState => {
  const row = restoreExact(stored, stored.exact);
  return {
    seq: Number(row.seq),
    content: { body: row.body, ...(row.data === null ? {} : { data: JSON.parse(row.data) as Json }) },
    ...(row.original === null ? {} : { original: JSON.parse(row.original) as Content }),
    ...(row.edited_at === null ? {} : { editedAt: row.edited_at.toISOString() }),
    ...(row.redacted_at === null ? {} : { redactedAt: row.redacted_at.toISOString() }),
    ...(row.changed_seq === null ? {} : { changedSeq: Number(row.changed_seq) }),
  };
};

const CHANGED_COLUMNS = {
  channel: 'text',
  seq: 'bigint',
  body: 'text',
  data: 'text',
  exact: 'text',
  words: 'text',
  search: 'tsvector',
  edited_at: 'timestamptz',
  redacted_at: 'timestamptz',
  changed_seq: 'bigint',
  original: 'text',
} as const;

type Changed = Record<keyof typeof CHANGED_COLUMNS, string | number | null>;

const toChanged = (target: Target, state: MessageState): Changed => {
  const { body, data } = state.content;
  const exact = JSON.parse(target.exact ?? '{}') as Record<string, string>;
  return {
    channel: target.channel,
    seq: state.seq,
    body: storableText(body),
    data: data === undefined ? null : JSON.stringify(data),
    exact: exactText({ ...exact, body }),
    ...indexedText(storableText(body)),
    edited_at: state.editedAt ?? null,
    redacted_at: state.redactedAt ?? null,
    changed_seq: state.changedSeq ?? null,
    original: state.original === undefined ? null : JSON.stringify(state.original),
  };
};

const writeTargets = async (changed: readonly Changed[], tx: Transaction, table: string): Promise<void> => {
  if (changed.length === 0) return;
  const { given, parameters } = unnest(CHANGED_COLUMNS, changed);
  await tx.run(
    `UPDATE ${table} AS m
     SET body = given.body, data = given.data, exact = given.exact, words = given.words, search = given.search,
         edited_at = given.edited_at, redacted_at = given.redacted_at,
         changed_seq = given.changed_seq, original = given.original
     FROM ${given} WHERE m.channel = given.channel AND m.seq = given.seq`,
    parameters,
  );
};

/** Removes the content of the edits of redacted messages. */
const forgetRedacted = async (changed: readonly Changed[], tx: Transaction, table: string): Promise<void> => {
  const redacted = changed
    .filter(({ redacted_at }) => redacted_at !== null)
    .map(({ channel, seq }) => ({ channel, seq }));
  if (redacted.length === 0) return;
  const { given, parameters } = unnest({ channel: 'text', seq: 'bigint' }, redacted);
  await tx.run(
    `UPDATE ${table} AS edit SET body = '', data = NULL, exact = NULL
     FROM ${given} JOIN ${table} AS m ON m.channel = given.channel AND m.seq = given.seq
     WHERE edit.channel = m.channel AND lower(edit.target) = lower(m.id) AND edit.bot = m.bot
       AND edit.target IS NOT NULL AND edit.kind = 'edited'`,
    parameters,
  );
};
