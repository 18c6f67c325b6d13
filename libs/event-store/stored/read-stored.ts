import { translateError } from '../error-translation.js';
import type { ReadCall } from './read-call.js';
import type { EventRead, LogRead } from './read-request.js';
import { requirePlace, requireRevision } from './stored-event.js';
import type { SentEvent, StoredEvent } from './stored-event.js';

/** Largest number of events that are handed over at once. */
const BATCH = 256;

/** The events of a read. Only a read of the whole log is certain to give positions. */
export type EventOf<Read extends EventRead> = Read extends LogRead ? StoredEvent : SentEvent;

/**
 * Reads events as they are stored, in batches of what has arrived. A read ends at the end of the log or stream; one
 * that follows never ends. A missing stream is read as an empty one. An empty batch means that nothing more is there
 * for now; it never comes before the server's first answer. While the caller works on a batch the server is held back,
 * so that memory stays constant however slow the caller is. A server that owes an answer and says nothing for
 * `silenceMs` is given up. The signal ends the read at once, even while it waits. A caller that may leave early should
 * give a limit: see `ReadCall.leaveRead`.
 *
 * @throws StoreUnavailable | StreamGone | UnknownPosition | StoreFault
 */
export async function* readStored<Read extends EventRead>(
  open: () => Promise<ReadCall>,
  read: Read,
  silenceMs: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly EventOf<Read>[]> {
  let call: ReadCall | undefined;
  const onAbort = (): void => call?.endRead();
  try {
    call = await open();
    signal?.addEventListener('abort', onAbort);
    let answered = false;
    for (;;) {
      const taken = take(call, read);
      if (signal?.aborted) return;
      if (taken) {
        answered = true;
        if (taken.length > 0) yield taken as EventOf<Read>[];
        continue;
      }
      if (call.ended) return;
      if (answered) yield [];
      await (maySilence(read, answered) ? call.whenMore() : call.moreWithin(silenceMs));
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw translateError(error, 'stream' in read ? { stream: read.stream } : {});
  } finally {
    signal?.removeEventListener('abort', onAbort);
    if (read.limit === undefined) call?.cancel();
    else call?.leaveRead();
  }
}

/** Returns the events that have arrived: undefined if nothing has, empty if the answers contained no event. */
const take = (call: ReadCall, read: EventRead): SentEvent[] | undefined => {
  let answer = call.takeAnswer();
  if (answer === undefined) return undefined;
  const events: SentEvent[] = [];
  while (answer !== undefined) {
    if (answer.kind === 'event') events.push(checked(answer.event, read));
    else if (answer.kind === 'lastRevision' && 'stream' in read) read.onLastRevision?.(answer.revision);
    if (events.length >= BATCH) break;
    answer = call.takeAnswer();
  }
  return events;
};

const checked = (event: SentEvent, read: EventRead): SentEvent =>
  'stream' in read ? requireRevision(event) : requirePlace(event);

/**
 * Returns whether the server may be silent: while it searches for a filtered read, or while nothing is written for a
 * read that follows.
 */
const maySilence = (read: EventRead, answered: boolean): boolean => {
  if ('stream' in read) return false;
  return read.follow ? answered : read.filter !== undefined;
};
