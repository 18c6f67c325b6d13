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
 * The one way from a recorded event of a `messages-` stream to what bots are sent, live, in backlog and in history.
 * @throws RequestError `channel_damaged` for one that can't be understood
 */
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

/**
 * As {@link toMessage}, for what an admin may have set aside.
 * @throws RequestError `channel_damaged` for one that can't be understood and was not
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
 * Reads a recorded event as the conversation event it is; the codec has lifted old versions already.
 * @throws RequestError `channel_damaged` for one that can't be understood
 */
export const conversationEventOf = (event: RecordedEvent): ConversationEvent => {
  const { stream, revision, type, data, unreadable } = event;
  if (unreadable !== undefined) throw channelDamaged(channelOf(stream), stream, revision);
  return { type, data } as unknown as ConversationEvent;
};

/** The channel of a `messages-` stream. */
export const channelOf = (stream: string): string => stream.slice(messagesStream('').length);

/** About how many bytes a message takes on the wire; cheap, for bounding batches and rings. */
export const messageWeight = (message: Place): number =>
  !isMessage(message)
    ? 200
    : 200 + message.body.length + (message.data === undefined ? 0 : JSON.stringify(message.data).length);
