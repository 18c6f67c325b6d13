import { randomUUID } from 'node:crypto';
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  UntypedServiceImplementation,
  sendUnaryData,
} from '@grpc/grpc-js';
import { confirmationFrame } from '../protocol/read-responses.js';
import { readRequest } from '../protocol/read-request.js';
import { RpcError, notReady, unknownError } from '../protocol/rpc-errors.js';
import type { EventLog } from '../storage/event-log.js';
import type { LiveFeed } from '../storage/live-feed.js';
import type { LogWriter } from '../storage/log-writer.js';
import { append } from './append.handler.js';
import { BatchAppend } from './batch-append.handler.js';
import { deleteStream } from './delete.handler.js';
import { readAll, readStream } from './read.handler.js';
import { ResponseSink } from './response-sink.js';
import { AllSubscription } from './subscribe-to-all.js';
import { StreamSubscription } from './subscribe-to-stream.js';

const asIs = (bytes: Buffer): Buffer => bytes;

/** The package's definition with messages as bytes: we code the frequent ones ourselves. */
const definition = Object.fromEntries(
  Object.entries(streams.StreamsService).map(([name, method]) => [
    name,
    name === 'read'
      ? { ...method, responseSerialize: asIs }
      : { ...method, requestDeserialize: asIs, responseSerialize: asIs },
  ]),
) as ServiceDefinition;

/** event_store.client.streams.Streams over a log on this machine. */
export class StreamsService {
  readonly definition = definition;
  private readonly openSinks = new Set<ResponseSink>();

  constructor(
    private readonly log: EventLog,
    private readonly feed: LiveFeed,
    private readonly writer: LogWriter,
  ) {}

  get implementation(): UntypedServiceImplementation {
    return {
      read: (call: ServerWritableStream<ReadReq, Buffer>) => void this.read(call),
      append: (call: ServerReadableStream<Buffer, Buffer>, callback: sendUnaryData<Buffer>) =>
        void answer(append(this.writer, call), callback),
      batchAppend: (call: ServerDuplexStream<Buffer, Buffer>) =>
        new BatchAppend(this.writer, call, this.openSink(call as never)).run(),
      delete: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) =>
        void answer(deleteStream(this.writer, 'delete', call.request), callback),
      tombstone: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) =>
        void answer(deleteStream(this.writer, 'tombstone', call.request), callback),
    };
  }

  /** Ends every call that is open, telling the client that the server is not there. */
  close(): void {
    for (const sink of this.openSinks) sink.fail(notReady());
  }

  private async read(call: ServerWritableStream<ReadReq, Buffer>): Promise<void> {
    const sink = this.openSink(call);
    try {
      const request = readRequest(call.request);
      const { stream } = request;
      if (request.kind === 'read')
        await (stream === undefined
          ? readAll(this.log, request, sink)
          : readStream(this.log, { ...request, stream }, sink));
      else {
        const subscription =
          stream === undefined
            ? new AllSubscription(this.log, this.feed, request, sink)
            : new StreamSubscription(this.log, this.feed, { ...request, stream }, sink);
        await sink.send(confirmationFrame(randomUUID()));
        await subscription.run();
      }
    } catch (error) {
      sink.fail(error);
    }
  }

  private openSink(call: ServerWritableStream<unknown, Buffer>): ResponseSink {
    const sink = new ResponseSink(call);
    this.openSinks.add(sink);
    sink.signal.addEventListener('abort', () => this.openSinks.delete(sink));
    return sink;
  }
}

const answer = async (response: Promise<Buffer>, callback: sendUnaryData<Buffer>): Promise<void> => {
  try {
    callback(null, await response);
  } catch (error) {
    callback(error instanceof RpcError ? error : unknownError((error as Error).message));
  }
};
