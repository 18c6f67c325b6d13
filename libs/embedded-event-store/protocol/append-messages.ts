import type { ExpectedRevision } from '../rules/expected-revision.js';
import type { ProposedEvent } from '../record/record.js';
import { readProposedEvent, readStreamName } from './proposed-events.js';
import { WireReader, WireWriter, fieldSize, varintSize } from '#libs/protobuf/wire.js';

/** One message of the Append call: first the options, then one event per message. */
export type AppendMessage =
  | { readonly kind: 'options'; readonly stream: string; readonly expected: ExpectedRevision | undefined }
  | { readonly kind: 'event'; readonly event: ProposedEvent };

export const readAppendMessage = (bytes: Buffer): AppendMessage => {
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) return readOptions(reader.message());
    if (reader.field === 2) return { kind: 'event', event: readProposedEvent(reader.message()) };
    reader.skip();
  }
  return { kind: 'options', stream: '', expected: undefined };
};

const readOptions = (reader: WireReader): AppendMessage => {
  let stream = '';
  let expected: ExpectedRevision | undefined;
  while (reader.next()) {
    if (reader.field === 1) stream = readStreamName(reader.message());
    else expected = readExpectedRevision(reader) ?? expected;
  }
  return { kind: 'options', stream, expected };
};

/** Reads fields 2 to 5 of the options, which are the same in every call that changes a stream. */
export const readExpectedRevision = (reader: WireReader): ExpectedRevision | undefined => {
  const words = { 3: 'no_stream', 4: 'any', 5: 'stream_exists' } as const;
  if (reader.field === 2) return reader.uint();
  reader.skip();
  return words[reader.field as keyof typeof words];
};

/** Encodes AppendResp.Success, with a position only if there is one. */
export const appendSuccess = (lastRevision: number, position: number | undefined): Buffer => {
  const writer = WireWriter.small();
  const body = WireWriter.small();
  if (lastRevision < 0) body.empty(2);
  else body.uint(1, lastRevision);
  if (position === undefined) body.empty(4);
  else body.bytes(3, positionMessage(position));
  return writer.bytes(1, body.finish()).finish();
};

/** Encodes AppendResp.WrongExpectedVersion, in the present fields and in those for clients older than 20.10. */
export const appendWrongExpectedVersion = (expected: ExpectedRevision, lastRevision: number): Buffer => {
  const body = WireWriter.small();
  if (lastRevision < 0) body.empty(2).empty(7);
  else body.uint(1, lastRevision).uint(6, lastRevision);
  if (expected === 'any') body.empty(4).empty(9);
  else if (expected === 'stream_exists') body.empty(5).empty(10);
  else if (expected === 'no_stream') body.uint64Max(3).empty(11);
  else body.uint(3, expected).uint(8, expected);
  return WireWriter.small().bytes(2, body.finish()).finish();
};

/** Encodes commit and prepare position, which are equal because every event commits itself. */
export const positionMessage = (position: number): Buffer =>
  WireWriter.small().uint(1, position).uint(2, position).finish();

/** Encodes DeleteResp or TombstoneResp. */
export const deleteResponse = (position: number | undefined): Buffer => {
  if (position === undefined) return WireWriter.small().empty(2).finish();
  const size = 2 * (1 + varintSize(position));
  return new WireWriter(Buffer.allocUnsafe(fieldSize(size))).bytes(1, positionMessage(position)).finish();
};
