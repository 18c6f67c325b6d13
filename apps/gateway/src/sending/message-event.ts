import { v5 as uuidv5 } from 'uuid';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';

/** Namespace of all bots' namespaces: fixed forever, for it decides every event id. */
const BOTS_NAMESPACE = '3f2d1c0a-6f0b-5b5e-9d39-7a1c2e4b8d60';

const namespaces = new Map<string, string>();

const namespaceOf = (bot: string): string => {
  const known = namespaces.get(bot);
  if (known) return known;
  const namespace = uuidv5(bot, BOTS_NAMESPACE);
  namespaces.set(bot, namespace);
  return namespace;
};

/** The id of a message's event: a UUIDv5 inside the bot's own namespace, so that no bot can occupy another's ids. */
export const messageEventId = (bot: string, id: string): string => uuidv5(id.toLowerCase(), namespaceOf(bot));

export const messageEvent = (event: ConversationEvent, node: string): NewEvent => {
  const { id, bot, correlationId = id } = event.data;
  const actor = { kind: 'bot', name: bot } as const;
  return newEvent(event, { actor, eventId: messageEventId(bot, id), correlationId, causationId: id, node });
};
