import { translateError } from '../error-translation.js';
import type { ReadCall } from './read-call.js';
import type { EventRead } from './read-request.js';
import type { StoredEvent } from './stored-event.js';

/** Events handed over at once at most. */
const BATCH = 256;

/**
 * Events as they are stored, in batches of what has arrived: a read ends at the log's or stream's end, one that follows
 * never does. A missing stream is an empty one. An empty batch says that nothing more is there for now; none comes
 * before the server has answered at all. While the caller works on a batch the server is held back, so that memory stays
 * constant however slow the caller is. A server from which an answer is due and that says nothing for `silenceMs` is
 * given up. The signal ends it at once, also while it waits.
 *
 * @throws StoreUnavailable | StreamGone | UnknownPosition | StoreFault
 */
export async function* readStored(
  open: () => Promise<ReadCall>,
  read: EventRead,
  silenceMs: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredEvent[]> {
  let call: ReadCall | undefined;
  const onAbort = (): void => call?.end();
  try {
    call = await open();
    signal?.addEventListener('abort', onAbort);
    let answered = false;
    for (;;) {
      const taken = take(call);
      if (signal?.aborted) return;
      if (taken) {
        answered = true;
        if (taken.length > 0) yield taken;
        continue;
      }
      if (call.ended) return;
      if (answered) yield [];
      await (maySilence(read, answered) ? call.more() : call.moreWithin(silenceMs));
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw translateError(error, 'stream' in read ? { stream: read.stream } : {});
  } finally {
    signal?.removeEventListener('abort', onAbort);
    call?.cancel();
  }
}

/** What has arrived, undefined if nothing has; empty if no event was among it. */
const take = (call: ReadCall): StoredEvent[] | undefined => {
  let answer = call.take();
  if (answer === undefined) return undefined;
  const events: StoredEvent[] = [];
  while (answer !== undefined) {
    if (answer.kind === 'event') events.push(answer.event);
    if (events.length >= BATCH) break;
    answer = call.take();
  }
  return events;
};

/** A filtered read may rightly be silent while the server searches, one that follows while nothing is written. */
const maySilence = (read: EventRead, answered: boolean): boolean => {
  if ('stream' in read) return false;
  return read.follow ? answered : read.filter !== undefined;
};
