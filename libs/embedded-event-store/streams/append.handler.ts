import type { ServerReadableStream } from '@grpc/grpc-js';
import {
  appendSuccess,
  appendWrongExpectedVersion,
  readAppendMessage,
  type AppendMessage,
} from '../protocol/append-messages.js';
import { sizeOnDisk } from '../protocol/proposed-events.js';
import { MAX_APPEND_SIZE, appendTooLarge, invalidArgument, streamDeleted } from '../protocol/rpc-errors.js';
import type { ExpectedRevision } from '../rules/expected-revision.js';
import type { LogWriter } from '../storage/log-writer.js';
import { MAX_STREAM_NAME, type ProposedEvent } from '../storage/record.js';
import { submit } from './submit-change.js';

/** Takes one append, a message an event (Streams.Append.cs). */
export const append = async (
  writer: LogWriter,
  call: ServerReadableStream<Buffer, Buffer>,
): Promise<Buffer> => {
  const { stream, expected, events } = await receive(call);
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

interface Append {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly ProposedEvent[];
}

const receive = (call: ServerReadableStream<Buffer, Buffer>): Promise<Append> =>
  new Promise((resolve, reject) => {
    let options: Extract<AppendMessage, { kind: 'options' }> | undefined;
    const events: ProposedEvent[] = [];
    let size = 0;
    call.on('data', (bytes: Buffer) => {
      try {
        const message = readAppendMessage(bytes);
        if (message.kind === 'options') {
          options = message;
          return;
        }
        size += sizeOnDisk(message.event);
        if (size > MAX_APPEND_SIZE) throw appendTooLarge();
        events.push(message.event);
      } catch (error) {
        reject(error as Error);
      }
    });
    call.on('error', reject);
    call.on('cancelled', () => reject(new Error('The call was cancelled')));
    call.on('end', () => {
      try {
        resolve({ stream: checkStream(options?.stream), expected: checkExpected(options?.expected), events });
      } catch (error) {
        reject(error as Error);
      }
    });
  });

/** @throws RpcError for a name that can't be one */
export const checkStream = (stream: string | undefined): string => {
  if (!stream) throw invalidArgument('A stream has to be named');
  if (Buffer.byteLength(stream) > MAX_STREAM_NAME)
    throw invalidArgument(`The name of a stream has at most ${MAX_STREAM_NAME} bytes`);
  return stream;
};

/** @throws RpcError if the client did not say what it expects */
export const checkExpected = (expected: ExpectedRevision | undefined): ExpectedRevision => {
  if (expected === undefined) throw invalidArgument('The expected revision has to be named');
  return expected;
};
