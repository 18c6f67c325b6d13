import { CONVERSATION_EVENT_TYPES } from '#libs/domain/conversation/conversation.events.js';
import { unnest } from '../postgres/unnest.js';
import type { Projection } from '../runner/projection.js';
import { applyChanges } from './apply-changes.js';
import { MESSAGES_TABLE, SEARCH_VECTOR } from './messages.table.js';
import { MESSAGE_COLUMNS, toMessageOf, toRecord } from './message-row.js';

/**
 * Messages as they stand, edits and redactions applied, for search; and every id of the `messages-` streams, for finding
 * those accepted long ago.
 */
export const messagesProjection: Projection = {
  name: 'messages',
  version: 2,
  tables: [MESSAGES_TABLE],
  streamPrefixes: ['messages-'],
  eventTypes: CONVERSATION_EVENT_TYPES,
  async apply(events, tx, table) {
    const messages = events.map(toMessageOf);
    const records = events.map((event, index) => toRecord(messages[index]!, event));
    const { columns, given, parameters } = unnest(MESSAGE_COLUMNS, records);
    const stored = columns.replace(', words', '');
    await tx.run(
      `INSERT INTO ${table('messages')} (${stored}, search)
       SELECT ${stored}, CASE WHEN kind = 'posted' THEN ${SEARCH_VECTOR} END FROM ${given} ON CONFLICT DO NOTHING`,
      parameters,
    );
    const changes = messages.filter(({ kind }) => kind !== 'posted');
    await applyChanges(changes, tx, table('messages'));
  },
};
