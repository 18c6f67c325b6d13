import { messagesStream } from '#libs/domain/stream-names.js';
import { DamagedEvent } from '#libs/event-store/event-store.errors.js';
import type { EventStore } from '#libs/event-store/event-store.js';

/** Returns whether a message can be read, even if it is damaged. @throws StoreUnavailable */
export const isThere = async (
  store: Pick<EventStore, 'readStream'>,
  channel: string,
  seq: number,
): Promise<boolean> => {
  const range = { from: seq, limit: 1 };
  try {
    let first: number | undefined;
    for await (const { revision } of store.readStream(messagesStream(channel), range)) first = revision;
    return first === seq;
  } catch (error) {
    if (error instanceof DamagedEvent) return true;
    throw error;
  }
};
