import type { ReadRequest } from '../protocol/read-request.js';
import {
  firstStreamPositionFrame,
  lastStreamPositionFrame,
  streamNotFoundFrame,
} from '../protocol/read-responses.js';
import { invalidPosition, streamDeleted } from '../protocol/store-errors.js';
import type { EventLog } from '../storage/event-log.js';
import type { GrpcCall } from '../grpc/grpc-call.js';
import { isYoungEnough, viewStream } from './stream-view.js';

/** Entries read at once: large enough to be cheap, small enough to let others have their turn. */
const PAGE = 256;

/** Answers a read of `$all`. Retention does not apply here: only scavenging takes events out of `$all`. */
export const readAll = async (log: EventLog, request: ReadRequest, sink: GrpcCall): Promise<void> => {
  const { direction, filter, uuids } = request;
  const forwards = direction === 'forwards';
  let from = allFrom(log, request);
  if (!log.isReadable(from)) throw invalidPosition();
  let left = request.limit;
  while (left > 0 && !sink.signal.aborted) {
    const size = filter ? PAGE : Math.min(PAGE, left);
    const entries = log.readAll(from, direction, size);
    for (const entry of entries) {
      from = forwards ? entry.next : entry.position;
      if (filter && !filter(entry)) continue;
      const full = sink.send(entry.frame(uuids));
      if (full) await full;
      left -= 1;
      if (left === 0) break;
    }
    if (entries.length < size) break;
    await new Promise(setImmediate);
  }
  sink.end();
};

const allFrom = (log: EventLog, { from }: ReadRequest): number => {
  if (from === 'start') return 0;
  return from === 'end' ? log.nextPosition : from;
};

/** Answers a read of one stream. @throws RpcError if it was deleted for good */
export const readStream = async (
  log: EventLog,
  request: ReadRequest & { stream: string },
  sink: GrpcCall,
): Promise<void> => {
  const view = viewStream(log, request.stream, Date.now());
  if (view.kind === 'deleted') throw streamDeleted(request.stream);
  if (view.kind === 'not_found') {
    await sink.send(streamNotFoundFrame(request.stream));
    return sink.end();
  }
  const forwards = request.direction === 'forwards';
  let { first, last } = view;
  const wanted = streamFrom(request, last);
  if (forwards) first = Math.max(first, wanted);
  else last = Math.min(last, wanted);
  if (forwards && request.compatibility >= 1 && first > last && wanted < view.first)
    await sink.send(firstStreamPositionFrame(view.first));
  let left = request.limit;
  while (left > 0 && first <= last && !sink.signal.aborted) {
    const entries = log.readStream(view.id, first, last, request.direction, Math.min(PAGE, left));
    if (entries.length === 0) break;
    for (const entry of entries) {
      if (!isYoungEnough(entry, view.oldest)) continue;
      const full = sink.send(entry.streamFrame(request.uuids));
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

const streamFrom = ({ from, direction }: ReadRequest, last: number): number => {
  if (from === 'start') return 0;
  if (from === 'end') return direction === 'forwards' ? last + 1 : last;
  return from;
};
