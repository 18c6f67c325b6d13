import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import { EventStore } from '#libs/event-store/event-store.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import type { Logged } from '#tools/harness/checker/history.js';
import { startStoreProcess } from '#tools/harness/system/store-process.js';

/**
 * Returns all messages in the data folder of an event store that no longer runs, in the order of the log. It reads them
 * with the client that the product uses.
 */
export const readMessages = async (dataDir: string): Promise<Logged[]> => {
  const node = await startStoreProcess(dataDir);
  const store = new EventStore({ connectionString: node.url });
  try {
    return await messagesIn(store);
  } finally {
    await store.close();
    await node.process.terminate();
  }
};

/**
 * Returns all messages of a log, in its order.
 * @throws Error when one of them was not posted by a bot of these tests
 */
export const messagesIn = async (store: Pick<EventStore, 'readAll'>): Promise<Logged[]> => {
  const messages: Logged[] = [];
  for await (const event of store.readAll())
    if (event.stream.startsWith('messages-')) messages.push(loggedOf(event));
  return messages;
};

/** An event of a `messages-` stream. @throws Error when it was not posted by a bot of these tests */
export const loggedOf = ({ stream, revision, at, type, data }: RecordedEvent): Logged => {
  if (type !== 'MessagePosted') throw new Error(`Nobody made this: ${type} in ${stream}`);
  const { bot, id, channel, body } = data as ConversationEvent['data'] & { body: string };
  return { channel, seq: revision, bot, id, body, at: at.getTime() };
};
