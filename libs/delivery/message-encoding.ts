import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import type { Message } from '#libs/protocol/message.js';

/** The one way from a recorded event of a `messages-` stream to what bots are sent, live, in backlog and in history. */
export const toMessage = (event: RecordedEvent): Message => {
  const { type, data } = conversationEventOf(event);
  // Put together field by field: this is done for every message, and spreading costs several times as much.
  const message: Draft = {
    id: data.id,
    channel: data.channel,
    seq: event.revision,
    bot: data.bot,
    at: event.at.toISOString(),
  };
  if (data.correlationId !== undefined) message.correlationId = data.correlationId;
  message.kind = KINDS[type];
  message.body = type === 'MessageRedacted' ? (data.reason ?? '') : data.body;
  if (type !== 'MessageRedacted' && data.data !== undefined) message.data = data.data;
  if (type !== 'MessagePosted') message.target = data.target;
  else if (data.replyTo !== undefined) message.replyTo = data.replyTo;
  return message as Message;
};

type Draft = { -readonly [Field in keyof Message]?: Message[Field] };

const KINDS = {
  MessagePosted: 'posted',
  MessageEdited: 'edited',
  MessageRedacted: 'redacted',
} as const satisfies Record<ConversationEvent['type'], Message['kind']>;

/** Reads a recorded event as the conversation event it is; the codec has lifted old versions already. */
export const conversationEventOf = (event: RecordedEvent): ConversationEvent =>
  ({ type: event.type, data: event.data }) as unknown as ConversationEvent;

/** About how many bytes a message takes on the wire; cheap, for bounding batches and rings. */
export const messageWeight = (message: Message): number =>
  200 + message.body.length + (message.data === undefined ? 0 : JSON.stringify(message.data).length);
