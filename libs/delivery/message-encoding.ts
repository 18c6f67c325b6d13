import { messagesStream } from '#libs/domain/stream-names.js';
import { channelDamaged } from './channel-damaged.js';
import { SET_ASIDE, isMessage } from './place.js';
import type { Place } from './place.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { isDamage } from '#libs/event-store/unreadable/set-aside-events.js';
import type { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import type { Message } from '#libs/protocol/message.js';

/**
 * Turns a recorded event of a `messages-` stream into the message that bots get. Live delivery, backlog and
 * history all use it.
 *
 * @throws RequestError `channel_damaged` for an event that cannot be decoded
 */
export const toMessage = (event: RecordedEvent): Message => {
  const { type, data } = conversationEventOf(event);
  // Assigned field by field, because this runs for every message and spreading costs several times as much.
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

/**
 * Does the same as {@link toMessage} for events that an admin may have set aside.
 *
 * @throws RequestError `channel_damaged` for an event that cannot be decoded and is not set aside
 */
export const toPlace = (event: RecordedEvent, setAside: Pick<SetAsideEvents, 'has'>): Place => {
  const { stream, revision, at } = event;
  if (event.unreadable === undefined || isDamage(event, setAside)) return toMessage(event);
  return { kind: SET_ASIDE, channel: channelOf(stream), seq: revision, at: at.toISOString() };
};

type Draft = { -readonly [Field in keyof Message]?: Message[Field] };

const KINDS = {
  MessagePosted: 'posted',
  MessageEdited: 'edited',
  MessageRedacted: 'redacted',
} as const satisfies Record<ConversationEvent['type'], Message['kind']>;

/**
 * Returns a recorded event as the conversation event it is. The codec has already upcast old versions.
 *
 * @throws RequestError `channel_damaged` for an event that cannot be decoded
 */
export const conversationEventOf = (event: RecordedEvent): ConversationEvent => {
  const { stream, revision, type, data, unreadable } = event;
  if (unreadable !== undefined) throw channelDamaged(channelOf(stream), stream, revision);
  return { type, data } as unknown as ConversationEvent;
};

/** Returns the channel of a `messages-` stream. */
export const channelOf = (stream: string): string => stream.slice(messagesStream('').length);

/**
 * Returns about how many bytes a message takes on the wire. It is a cheap estimate for limiting batches and
 * rings.
 */
export const messageWeight = (message: Place): number =>
  !isMessage(message)
    ? 200
    : 200 + message.body.length + (message.data === undefined ? 0 : JSON.stringify(message.data).length);
