import { v7 as uuidv7 } from 'uuid';
import { messageEvent } from '#apps/gateway/src/sending/message-event.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import type { EventStore } from '#libs/event-store/event-store.js';

/** Appends posts to a channel in one append, without the gateway. Resolves with the commit position of the last one. */
export const appendMessages = async (
  store: EventStore,
  channel: string,
  from: number,
  count: number,
): Promise<bigint> => {
  const events = Array.from({ length: count }, (_, index) => {
    const body = `Message ${from + index} in ${channel}, about as long as what bots have to say to each other.`;
    return messageEvent(
      { type: 'MessagePosted', data: { id: uuidv7(), channel, bot: 'alice', body } },
      'bench',
    );
  });
  const { position } = await store.append(messagesStream(channel), events, 'any');
  return position.commit;
};
