import { randomUUID } from 'node:crypto';
import type { GrpcCall } from '../grpc/grpc-call.js';
import { unary, type Methods } from '../grpc/grpc-server.js';
import { confirmationFrame } from '../protocol/read-responses.js';
import { readRequest } from '../protocol/read-request.js';
import { cancelled, dataLost, notReady } from '../protocol/store-errors.js';
import { DamagedLog } from '../record/damaged-log.js';
import type { EventLog } from '../storage/event-log.js';
import { DamagedIndex } from '../storage/log-index.js';
import { LogUnavailable } from '../storage/index-upkeep.js';
import type { LiveFeed } from '../storage/live-feed.js';
import type { LogWriter } from '../storage/log-writer.js';
import { takeAppend } from './append.handler.js';
import { BatchAppend } from './batch-append.handler.js';
import { deleteStream } from './delete.handler.js';
import { readAll, readStream } from './read.handler.js';
import { AllSubscription } from './subscribe-to-all.js';
import { StreamSubscription } from './subscribe-to-stream.js';

const SERVICE = '/event_store.client.streams.Streams';

/** Implements the service event_store.client.streams.Streams on a local log. */
export const streamsService = (log: EventLog, feed: LiveFeed, writer: LogWriter): Methods => ({
  [`${SERVICE}/Read`]: (call) => {
    call.packIfTaken();
    call.listen({
      message: (bytes) => {
        read(log, feed, call, bytes).catch((error: unknown) => call.fail(readFailure(error)));
      },
    });
  },
  [`${SERVICE}/Append`]: (call) => takeAppend(writer, call),
  [`${SERVICE}/BatchAppend`]: (call) => new BatchAppend(writer, call).run(),
  [`${SERVICE}/Delete`]: unary((request) => deleteStream(writer, 'delete', request)),
  [`${SERVICE}/Tombstone`]: unary((request) => deleteStream(writer, 'tombstone', request)),
});

const readFailure = (error: unknown): unknown => {
  if (error instanceof LogUnavailable || error instanceof DamagedIndex) return notReady();
  return error instanceof DamagedLog ? dataLost(error) : error;
};

const read = async (log: EventLog, feed: LiveFeed, call: GrpcCall, bytes: Buffer): Promise<void> => {
  const request = readRequest(bytes);
  if (request.kind === 'read') {
    call.atShutdown = cancelled();
    if (request.stream === undefined) await readAll(log, request, call);
    else await readStream(log, request, call);
    return;
  }
  const subscription =
    request.stream === undefined
      ? new AllSubscription(log, feed, request, call)
      : new StreamSubscription(log, feed, request, call);
  call.atShutdown = 'unsaid'; // like the real server, which closes the connection underneath
  await call.send(confirmationFrame(randomUUID()));
  await subscription.pushEvents();
};
