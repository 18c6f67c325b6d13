import { messagesStream } from '#libs/domain/stream-names.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { toPlace } from './message-encoding.js';
import type { Place } from './place.js';

/**
 * Reads a channel's newest messages without a gap, at most `limit`, up to the first event at which the channel stops.
 * `head` is the seq of the last of them, or where the next message follows if there are none.
 *
 * @throws StoreUnavailable
 */
export const readTail = async (
  store: Pick<EventStore, 'readStream' | 'setAside'>,
  channel: string,
  limit: number,
  stopsAt: (event: RecordedEvent) => boolean,
): Promise<{ tail: readonly Place[]; head: number }> => {
  let newestFirst: Place[] = [];
  let head: number | undefined;
  let last = -1;
  const onLastRevision = (revision: number): void => void (last = revision);
  const options = { direction: 'backwards', from: 'end', limit, onLastRevision } as const;
  for await (const event of store.readStream(messagesStream(channel), options)) {
    head ??= event.revision;
    if (event.revision < head - newestFirst.length) break;
    if (stopsAt(event)) {
      newestFirst = [];
      head = event.revision - 1;
    } else newestFirst.push(toPlace(event, store.setAside));
  }
  return { tail: newestFirst.toReversed(), head: head ?? last };
};
