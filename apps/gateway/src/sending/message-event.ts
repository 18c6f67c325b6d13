import { messageEventId } from '#libs/delivery/message-event-id.js';
import type { Via } from '#libs/domain/event.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';

/** Returns the event to append for a message, with its id and metadata. `via`: how the request for it came. */
export const messageEvent = (event: ConversationEvent, node: string, via?: Via): NewEvent => {
  const { id, bot, correlationId = id } = event.data;
  const actor = { kind: 'bot', name: bot, ...via } as const;
  return newEvent(event, { actor, eventId: messageEventId(bot, id), correlationId, causationId: id, node });
};
