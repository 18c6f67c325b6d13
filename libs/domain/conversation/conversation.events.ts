import type { DomainEvent } from '../event.js';
import type { Json } from '../json.js';

/** What all three have in common; `id` is the UUID the bot chose for this request. */
type Said = { id: string; channel: string; bot: string; correlationId?: string };

/** Everything that can happen in a `messages-<channel>` stream; its revision is the seq bots see. */
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
