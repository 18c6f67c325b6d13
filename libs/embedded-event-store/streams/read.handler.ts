import type { AllTarget, ReadRequest, StreamTarget } from '../protocol/read-request.js';
import {
  firstStreamPositionFrame,
  lastStreamPositionFrame,
  streamNotFoundFrame,
} from '../protocol/read-responses.js';
import { streamDeleted, unexpectedResult } from '../protocol/store-errors.js';
import { firstRevisionHints } from '../rules/first-revision-hints.js';
import type { EventLog } from '../storage/event-log.js';
import type { GrpcCall } from '../grpc/grpc-call.js';
import { framerFor } from './resolve-link.js';
import { isYoungEnough, viewStream } from './stream-view.js';
import { servingOf } from './told-damage.js';

/** Entries read at once: enough to be cheap, few enough to let other calls have their turn. */
const PAGE = 256;

/**
 * Answers a read of `$all`. Retention does not apply here: only scavenging removes events from `$all`. A forwards read
 * begins with the event at the position, a backwards read with the event that ends there (AllReader.cs).
 */
export const readAll = async (
  log: EventLog,
  request: ReadRequest<AllTarget>,
  sink: GrpcCall,
): Promise<void> => {
  const { direction, filter } = request;
  const { wants, frame } = servingOf(sink, filter, framerFor(log, request));
  const forwards = direction === 'forwards';
  let from = await allFrom(log, request);
  let left = request.limit;
  while (left > 0 && !sink.signal.aborted) {
    const entries = await log.readAllSearched(from, direction, PAGE);
    for (const entry of entries) {
      from = forwards ? entry.next : entry.position;
      if (!wants(entry)) continue;
      const full = sink.send(frame(entry));
      if (full) await full;
      left -= 1;
      if (left === 0) break;
    }
    if (entries.length < PAGE && !entries.at(-1)?.isDamaged) break;
    await new Promise(setImmediate);
  }
  sink.end();
};

/**
 * Returns the first position to read (backwards: the end of the first event). @throws RpcError if no record is there
 */
const allFrom = async (log: EventLog, { from, direction }: ReadRequest<AllTarget>): Promise<number> => {
  if (from === 'start') return 0;
  if (from === 'end') return log.nextPosition;
  const { commit, prepare } = from;
  if (!(await log.isReadable(commit))) throw unexpectedResult('ReadAllResult: InvalidPosition');
  if (direction === 'forwards') return commit;
  const [before] = prepare < commit ? await log.readAllSearched(commit, 'backwards', 1) : [];
  return before?.position ?? commit;
};

/** Answers a read of one stream. @throws RpcError if the stream was deleted for good, or if the read is invalid */
export const readStream = async (
  log: EventLog,
  request: ReadRequest<StreamTarget>,
  sink: GrpcCall,
): Promise<void> => {
  const forwards = request.direction === 'forwards';
  if (request.limit === 0 || (forwards && request.from === 'end'))
    throw unexpectedResult('ReadStreamResult: Error');
  const view = viewStream(log, request.stream, Date.now());
  if (view.kind === 'deleted') throw streamDeleted(request.stream);
  if (view.kind === 'not_found') {
    await sink.send(streamNotFoundFrame(request.stream));
    return sink.end();
  }
  const { frame } = servingOf(sink, () => true, framerFor(log, request));
  let { first, last } = view;
  const wanted = streamFrom(request, last);
  if (forwards && request.compatibility >= 1)
    for (const revision of firstRevisionHints(wanted, request.limit, view))
      await sink.send(firstStreamPositionFrame(revision));
  if (forwards) first = Math.max(first, wanted);
  else last = Math.min(last, wanted);
  let left = request.limit;
  while (left > 0 && first <= last && !sink.signal.aborted) {
    const entries = log.readStream(view, first, last, request.direction, Math.min(PAGE, left));
    if (entries.length === 0) break;
    for (const entry of entries) {
      if (!isYoungEnough(entry, view.oldest)) continue;
      const full = sink.send(frame(entry));
      if (full) await full;
      left -= 1;
    }
    const reached = entries.at(-1)!.revision;
    if (forwards) first = reached + 1;
    else last = reached - 1;
    await new Promise(setImmediate);
  }
  if (request.compatibility >= 1) await sink.send(lastStreamPositionFrame(view.last));
  sink.end();
};

const streamFrom = ({ from }: ReadRequest<StreamTarget>, last: number): number => {
  if (from === 'start') return 0;
  return from === 'end' ? last : from;
};
