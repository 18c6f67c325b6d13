import type { DomainEvent } from '../event.js';
import type { Json } from '../json.js';

/** The fields that all three events have. `id` is the UUID that the bot chose for the request. */
type Said = { id: string; channel: string; bot: string; correlationId?: string };

/** The events of a `messages-<channel>` stream. Their revision in the stream is the seq that bots see. */
export type MessagePosted = DomainEvent<
  'MessagePosted',
  Said & { body: string; data?: Json; replyTo?: string }
>;
export type MessageEdited = DomainEvent<
  'MessageEdited',
  Said & { target: string; body: string; data?: Json }
>;
export type MessageRedacted = DomainEvent<'MessageRedacted', Said & { target: string; reason?: string }>;

export type ConversationEvent = MessagePosted | MessageEdited | MessageRedacted;

export const CONVERSATION_EVENT_TYPES = [
  'MessagePosted',
  'MessageEdited',
  'MessageRedacted',
] as const satisfies readonly ConversationEvent['type'][];
