import { v5 as uuidv5 } from 'uuid';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';

/** The UUID namespace of all bots' namespaces. It must never change, because every event id depends on it. */
const BOTS_NAMESPACE = '3f2d1c0a-6f0b-5b5e-9d39-7a1c2e4b8d60';

const namespaces = new Map<string, string>();

const namespaceOf = (bot: string): string => {
  const known = namespaces.get(bot);
  if (known) return known;
  const namespace = uuidv5(bot, BOTS_NAMESPACE);
  namespaces.set(bot, namespace);
  return namespace;
};

/**
 * Returns the id of a message's event: a UUIDv5 in the bot's own namespace, so that no bot can use up another bot's
 * ids.
 */
export const messageEventId = (bot: string, id: string): string => uuidv5(id.toLowerCase(), namespaceOf(bot));

/** Returns the event to append for a message, with its id and metadata. */
export const messageEvent = (event: ConversationEvent, node: string): NewEvent => {
  const { id, bot, correlationId = id } = event.data;
  const actor = { kind: 'bot', name: bot } as const;
  return newEvent(event, { actor, eventId: messageEventId(bot, id), correlationId, causationId: id, node });
};
