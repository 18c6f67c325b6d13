import type { GrpcCall } from '../grpc/grpc-call.js';
import {
  appendSuccess,
  appendWrongExpectedVersion,
  readAppendMessage,
  type AppendMessage,
} from '../protocol/append-messages.js';
import { UnusableEvent, sizeOnDisk } from '../protocol/proposed-events.js';
import {
  MAX_APPEND_SIZE,
  appendTooLarge,
  handlerFailed,
  invalidArgument,
  streamDeleted,
} from '../protocol/store-errors.js';
import type { ExpectedRevision } from '../rules/expected-revision.js';
import type { LogWriter } from '../storage/log-writer.js';
import { MAX_STREAM_NAME, type ProposedEvent } from '../record/record.js';
import { submit } from './submit-change.js';

/** Handles an Append call, which sends each event as a message of its own, and answers it (Streams.Append.cs). */
export const takeAppend = (writer: LogWriter, call: GrpcCall): void => {
  let options: { stream: string; expected: ExpectedRevision | undefined } | undefined;
  const events: ProposedEvent[] = [];
  let size = 0;
  call.listen({
    message: (bytes) => {
      const message = readMessage(bytes);
      if (message.kind === 'options') {
        options = message;
        return;
      }
      size += sizeOnDisk(message.event);
      if (size > MAX_APPEND_SIZE) throw appendTooLarge();
      events.push(message.event);
    },
    end: () => void respond(call, () => append(writer, options?.stream, options?.expected, events)),
  });
};

const append = async (
  writer: LogWriter,
  name: string | undefined,
  expectation: ExpectedRevision | undefined,
  events: readonly ProposedEvent[],
): Promise<Buffer> => {
  const stream = checkStream(name);
  const expected = checkExpected(expectation);
  const outcome = await submit(writer, { kind: 'append', stream, expected, events });
  switch (outcome.kind) {
    case 'success':
      return appendSuccess(outcome.lastRevision, outcome.position);
    case 'wrong_expected_revision':
      return appendWrongExpectedVersion(expected, outcome.lastRevision);
    case 'stream_deleted':
      throw streamDeleted(stream);
  }
};

const respond = async (call: GrpcCall, answer: () => Promise<Buffer>): Promise<void> => {
  try {
    await call.send(await answer());
    call.end();
  } catch (error) {
    call.fail(error);
  }
};

const readMessage = (bytes: Buffer): AppendMessage => {
  try {
    return readAppendMessage(bytes);
  } catch (error) {
    throw error instanceof UnusableEvent ? handlerFailed() : error;
  }
};

/** @throws RpcError for an invalid name (SystemNames.cs, IsInvalidStream) */
export const checkStream = (stream: string | undefined): string => {
  if (!stream || stream === '$$') throw handlerFailed();
  if (Buffer.byteLength(stream) > MAX_STREAM_NAME)
    throw invalidArgument(`The name of a stream has at most ${MAX_STREAM_NAME} bytes`);
  return stream;
};

/** @throws RpcError if the client gave no expected revision */
export const checkExpected = (expected: ExpectedRevision | undefined): ExpectedRevision => {
  if (expected === undefined) throw invalidArgument('The expected revision has to be named');
  return expected;
};
