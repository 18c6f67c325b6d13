import { NO_EVENTS, type ExpectedRevision } from '../rules/expected-revision.js';
import type { ProposedEvent } from '../record/record.js';
import { positionMessage, readExpectedRevision } from './append-messages.js';
import { UnusableEvent, readProposedEvent, readStreamName } from './proposed-events.js';
import { RpcError } from '../grpc/status.js';
import { MAX_APPEND_SIZE } from './store-errors.js';
import { readUuid } from '../rules/uuid.js';
import { WireReader, WireWriter, fieldSize } from '#libs/protobuf/wire.js';

/** One message of the BatchAppend call: a part of an append. The last part is final. */
export interface BatchAppendMessage {
  /** The correlation id as it arrived, to be sent back. */
  readonly correlation: Buffer;
  /** The same id as a text, used as a key. */
  readonly correlationId: string;
  readonly options: BatchAppendOptions | undefined;
  readonly events: readonly ProposedEvent[];
  readonly isFinal: boolean;
  /** Says why an event in the message can't be accepted; undefined if all can. */
  readonly problem: string | undefined;
}

export interface BatchAppendOptions {
  readonly stream: string;
  readonly expected: ExpectedRevision | undefined;
  /** Time in milliseconds since 1970, or from now. */
  readonly deadline: { readonly at: number } | { readonly after: number } | undefined;
}

export const readBatchAppendMessage = (bytes: Buffer): BatchAppendMessage => {
  const reader = new WireReader(bytes);
  let correlation: Buffer = bytes.subarray(0, 0);
  let options: BatchAppendOptions | undefined;
  let problem: string | undefined;
  let isFinal = false;
  const events: ProposedEvent[] = [];
  while (reader.next()) {
    if (reader.field === 1) correlation = reader.bytes();
    else if (reader.field === 2) options = readOptions(reader.message());
    else if (reader.field === 3) {
      try {
        events.push(readProposedEvent(reader.message()));
      } catch (error) {
        if (!(error instanceof RpcError || error instanceof UnusableEvent)) throw error;
        problem = error.message;
      }
    } else if (reader.field === 4) isFinal = reader.bool();
    else reader.skip();
  }
  const correlationId = readUuid(new WireReader(correlation)).toString('latin1');
  return { correlation, correlationId, options, events, isFinal, problem };
};

const readOptions = (reader: WireReader): BatchAppendOptions => {
  let stream = '';
  let expected: ExpectedRevision | undefined;
  let deadline: BatchAppendOptions['deadline'];
  while (reader.next()) {
    if (reader.field === 1) stream = readStreamName(reader.message());
    else if (reader.field === 6) deadline = { at: readSeconds(reader.message()) * 1000 };
    else if (reader.field === 7) deadline = { after: readSeconds(reader.message()) * 1000 };
    else expected = readExpectedRevision(reader) ?? expected;
  }
  return { stream, expected, deadline };
};

/** Reads a Timestamp or a Duration: seconds (1), nanoseconds (2). */
const readSeconds = (reader: WireReader): number => {
  let seconds = 0;
  while (reader.next()) {
    if (reader.field === 1) seconds += Number(BigInt.asIntN(64, reader.uint64()));
    else if (reader.field === 2) seconds += Number(BigInt.asIntN(32, reader.uint64())) / 1e9;
    else reader.skip();
  }
  return seconds;
};

/** Encodes a BatchAppendResp with success. */
export const batchSuccess = (
  message: Pick<BatchAppendMessage, 'correlation'>,
  stream: string,
  lastRevision: number,
  position: number | undefined,
): Buffer => {
  const success = WireWriter.small();
  if (lastRevision === NO_EVENTS) success.empty(2);
  else success.uint(1, lastRevision);
  if (position === undefined) success.empty(4);
  else success.bytes(3, positionMessage(position));
  return response(message.correlation, stream, 3, success.finish());
};

/** The ways in which one append of a batch can fail. */
export type BatchError =
  | { readonly kind: 'wrong_expected_revision'; expected: ExpectedRevision; lastRevision: number }
  | { readonly kind: 'stream_deleted' | 'timeout' | 'too_large' }
  | { readonly kind: 'bad_request' | 'not_written'; readonly message: string };

/**
 * Encodes a BatchAppendResp with an error: a google.rpc.Status whose detail names the client's error class (Status.cs).
 */
export const batchError = (
  message: Pick<BatchAppendMessage, 'correlation'>,
  stream: string,
  error: BatchError,
): Buffer => {
  const [code, text, type, detail] = describe(stream, error);
  const url = `type.googleapis.com/${type}`;
  const any = new WireWriter(Buffer.allocUnsafe(fieldSize(url.length) + fieldSize(detail.length)));
  any.string(1, url).bytes(2, detail);
  const status = new WireWriter(Buffer.allocUnsafe(2 + fieldSize(text.length) + fieldSize(any.at)));
  status.uint(1, code).string(2, text).bytes(3, any.finish());
  return response(message.correlation, stream, 2, status.finish());
};

const describe = (stream: string, error: BatchError): [number, string, string, Buffer] => {
  switch (error.kind) {
    case 'wrong_expected_revision':
      return [
        6,
        'WrongExpectedVersion',
        'event_store.client.WrongExpectedVersion',
        wrongExpectedVersion(error),
      ];
    case 'stream_deleted':
      return [5, 'StreamDeleted', 'event_store.client.StreamDeleted', streamIdentifierField(1, stream)];
    case 'timeout':
      return [4, 'Timeout', 'event_store.client.Timeout', Buffer.alloc(0)];
    case 'too_large': {
      const detail = WireWriter.small().uint(1, MAX_APPEND_SIZE).finish();
      return [3, 'MaximumAppendSizeExceeded', 'event_store.client.MaximumAppendSizeExceeded', detail];
    }
    // RESOURCE_EXHAUSTED without an error class of the client, because the real server has no such answer.
    case 'not_written':
      return [8, error.message, 'google.protobuf.Empty', Buffer.alloc(0)];
    case 'bad_request': {
      const size = fieldSize(Buffer.byteLength(error.message));
      const detail = new WireWriter(Buffer.allocUnsafe(size)).string(1, error.message).finish();
      return [3, 'BadRequest', 'event_store.client.BadRequest', detail];
    }
  }
};

const wrongExpectedVersion = (error: { expected: ExpectedRevision; lastRevision: number }): Buffer => {
  const writer = WireWriter.small();
  if (error.lastRevision === NO_EVENTS) writer.empty(2);
  else writer.uint(1, error.lastRevision);
  if (error.expected === 'any') writer.empty(4);
  else if (error.expected === 'stream_exists') writer.empty(5);
  else if (error.expected === 'no_stream') writer.empty(6);
  else writer.uint(3, error.expected);
  return writer.finish();
};

const streamIdentifierField = (field: number, stream: string): Buffer => {
  const length = Buffer.byteLength(stream);
  const writer = new WireWriter(Buffer.allocUnsafe(fieldSize(fieldSize(length))));
  return writer.open(field, fieldSize(length)).string(3, stream, length).finish();
};

const response = (correlation: Buffer, stream: string, field: number, result: Buffer): Buffer => {
  const identifier = streamIdentifierField(4, stream);
  const size = fieldSize(correlation.length) + fieldSize(result.length) + identifier.length;
  const writer = new WireWriter(Buffer.allocUnsafe(size));
  return writer.bytes(1, correlation).bytes(field, result).raw(identifier).finish();
};
