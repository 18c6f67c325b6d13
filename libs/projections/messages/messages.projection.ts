import { CONVERSATION_EVENT_TYPES } from '#libs/domain/conversation/conversation.events.js';
import { unnest } from '../postgres/unnest.js';
import type { Projection } from '../runner/projection.js';
import { MESSAGE_COLUMNS, toRecord } from './message-row.js';

/** Every event of the `messages-` streams as a row, for search and for finding ids accepted long ago. */
export const messagesProjection: Projection = {
  name: 'messages',
  version: 1,
  streamPrefixes: ['messages-'],
  eventTypes: CONVERSATION_EVENT_TYPES,
  async apply(events, tx, table) {
    const { columns, given, parameters } = unnest(MESSAGE_COLUMNS, events.map(toRecord));
    await tx.run(
      `INSERT INTO ${table('messages')} (${columns}) SELECT ${columns} FROM ${given} ON CONFLICT DO NOTHING`,
      parameters,
    );
  },
};
