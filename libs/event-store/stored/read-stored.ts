import { translateError } from '../error-translation.js';
import type { ReadCall } from './read-call.js';
import type { EventRead, LogRead } from './read-request.js';
import { requirePlace, requireRevision } from './stored-event.js';
import type { SentEvent, StoredEvent } from './stored-event.js';

/** Events handed over at once at most. */
const BATCH = 256;

/** Only what is read of the whole log has a place in it for certain. */
type EventOf<Read extends EventRead> = Read extends LogRead ? StoredEvent : SentEvent;

/**
 * Events as they are stored, in batches of what has arrived: a read ends at the log's or stream's end, one that follows
 * never does. A missing stream is an empty one. An empty batch says that nothing more is there for now; none comes
 * before the server has answered at all. While the caller works on a batch the server is held back, so that memory stays
 * constant however slow the caller is. A server from which an answer is due and that says nothing for `silenceMs` is
 * given up. The signal ends it at once, also while it waits. A caller that leaves early had better given a limit: see
 * `ReadCall.leave`.
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
  const onAbort = (): void => call?.end();
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
      await (maySilence(read, answered) ? call.more() : call.moreWithin(silenceMs));
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw translateError(error, 'stream' in read ? { stream: read.stream } : {});
  } finally {
    signal?.removeEventListener('abort', onAbort);
    if (read.limit === undefined) call?.cancel();
    else call?.leave();
  }
}

/** What has arrived, undefined if nothing has; empty if no event was among it. */
const take = (call: ReadCall, read: EventRead): SentEvent[] | undefined => {
  let answer = call.take();
  if (answer === undefined) return undefined;
  const events: SentEvent[] = [];
  while (answer !== undefined) {
    if (answer.kind === 'event') events.push(checked(answer.event, read));
    else if (answer.kind === 'lastRevision' && 'stream' in read) read.onLastRevision?.(answer.revision);
    if (events.length >= BATCH) break;
    answer = call.take();
  }
  return events;
};

const checked = (event: SentEvent, read: EventRead): SentEvent =>
  'stream' in read ? requireRevision(event) : requirePlace(event);

/** A filtered read may rightly be silent while the server searches, one that follows while nothing is written. */
const maySilence = (read: EventRead, answered: boolean): boolean => {
  if ('stream' in read) return false;
  return read.follow ? answered : read.filter !== undefined;
};
