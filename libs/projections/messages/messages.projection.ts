import { CONVERSATION_EVENT_TYPES } from '#libs/domain/conversation/conversation.events.js';
import { unnest } from '../postgres/unnest.js';
import type { Projection } from '../builds/projection.js';
import { applyChanges } from './apply-changes.js';
import { GAPS_TABLE, SCAVENGED_TABLE, inheritIds, noteAllGaps, noteGaps } from './message-gaps.js';
import { copiedRow, toMessageOf, toRecord } from './message-row.js';
import { MESSAGES_TABLE, MESSAGE_COLUMNS } from './messages.table.js';
import { settleChanges } from './settle-changes.js';

/**
 * Projects messages in their present state, with edits and redactions applied, for search. Also keeps every id of the
 * `messages-` streams, to find messages that were accepted long ago, and where it knows that it lacks some.
 */
export const messagesProjection: Projection = {
  name: 'messages',
  version: 6,
  tables: [MESSAGES_TABLE, GAPS_TABLE, SCAVENGED_TABLE],
  streamPrefixes: ['messages-'],
  eventTypes: CONVERSATION_EVENT_TYPES,
  async apply(events, tx, table) {
    const messages = events.map(toMessageOf);
    const records = events.map((event, index) => toRecord(messages[index]!, event));
    const { columns, given, parameters } = unnest(MESSAGE_COLUMNS, records);
    await tx.run(
      `INSERT INTO ${table('messages')} (${columns}) SELECT ${columns} FROM ${given} ON CONFLICT DO NOTHING`,
      parameters,
    );
    await noteGaps(messages, tx, table);
    const changes = messages.filter(({ kind }) => kind !== 'posted');
    await applyChanges(changes, tx, table('messages'));
  },
  load: {
    table: 'messages',
    columns: Object.keys(MESSAGE_COLUMNS),
    row: (event) => copiedRow(toRecord(toMessageOf(event), event)),
    async settle(tx, table) {
      await settleChanges(tx, table('messages'));
      await noteAllGaps(tx, table);
    },
  },
  inherit: inheritIds,
};
