import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import type { Message } from '#libs/protocol/message.js';

/** The one way from a recorded event of a `messages-` stream to what bots are sent, live, in backlog and in history. */
export const toMessage = (event: RecordedEvent): Message => {
  const { type, data } = conversationEventOf(event);
  const shared = {
    id: data.id,
    channel: data.channel,
    seq: event.revision,
    bot: data.bot,
    at: event.at.toISOString(),
    ...(data.correlationId === undefined ? {} : { correlationId: data.correlationId }),
  };
  switch (type) {
    case 'MessagePosted': {
      const { body, data: attached, replyTo } = data;
      return {
        ...shared,
        kind: 'posted',
        body,
        ...optional('data', attached),
        ...optional('replyTo', replyTo),
      };
    }
    case 'MessageEdited':
      return {
        ...shared,
        kind: 'edited',
        body: data.body,
        ...optional('data', data.data),
        target: data.target,
      };
    case 'MessageRedacted':
      return { ...shared, kind: 'redacted', body: data.reason ?? '', target: data.target };
  }
};

/** Reads a recorded event as the conversation event it is; the codec has lifted old versions already. */
export const conversationEventOf = (event: RecordedEvent): ConversationEvent =>
  ({ type: event.type, data: event.data }) as unknown as ConversationEvent;

const optional = <Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } =>
  value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });

/** About how many bytes a message takes on the wire; cheap, for bounding batches and rings. */
export const messageWeight = (message: Message): number =>
  200 + message.body.length + (message.data === undefined ? 0 : JSON.stringify(message.data).length);
