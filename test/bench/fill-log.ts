import { v7 as uuidv7 } from 'uuid';
import { messageEvent } from '#apps/gateway/src/sending/message-event.js';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { messagesStream } from '#libs/domain/stream-names.js';

export type Filling = Readonly<{ channel: string; bot: string }>;

const BATCH = 500;
/** How many channels are written in parallel, so that one append is encoded while another is synced. */
const WRITERS = 4;

/** Writes messages into a stopped system's log, as the gateway would have: this many of each bot in its channel. */
export const fillLog = async (
  dataDir: string,
  fillings: readonly Filling[],
  messagesEach: number,
  progress: (messages: number) => void,
): Promise<void> => {
  const node = await startEmbeddedEventStore({ dataDir });
  const store = new EventStore({ connectionString: node.connectionString });
  let written = 0;
  const left = [...fillings];
  const writer = async (): Promise<void> => {
    for (let filling = left.pop(); filling !== undefined; filling = left.pop()) {
      await fillChannel(store, filling, messagesEach, (count) => progress((written += count)));
    }
  };
  try {
    await Promise.all(Array.from({ length: WRITERS }, writer));
  } finally {
    await store.close();
    await node.close();
  }
};

/** Writes this many messages into an empty channel. */
export const fillChannel = async (
  store: EventStore,
  filling: Filling,
  messages: number,
  progress: (more: number) => void = () => undefined,
): Promise<void> => {
  for (let from = 0; from < messages; from += BATCH) {
    const count = Math.min(BATCH, messages - from);
    await append(store, filling, from, count);
    progress(count);
  }
};

const append = async (
  store: EventStore,
  { channel, bot }: Filling,
  from: number,
  count: number,
): Promise<void> => {
  const events = Array.from({ length: count }, (_, index) => {
    const body = `Message ${from + index} of ${bot}, about as long as what bots have to say to each other.`;
    return messageEvent({ type: 'MessagePosted', data: { id: uuidv7(), channel, bot, body } }, 'bench');
  });
  await store.append(messagesStream(channel), events, from === 0 ? 'no_stream' : from - 1);
};
