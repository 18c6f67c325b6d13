import { decodeGenerated } from '#libs/protobuf/decode-generated.js';
import { WireReader } from '#libs/protobuf/wire.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  AppendTooLarge,
  StoreFault,
  StoreRefusesWrites,
  StoreUnavailable,
  StreamGone,
  WrongExpectedRevision,
} from '../event-store.errors.js';
import { positionOf, revisionOf } from '../position.js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { LogPosition } from '../position.js';
import type { AppendRequest } from './append-request.js';

/** Revision and log position of the last event of an append. */
export type AppendResult = Readonly<{ revision: number; position: LogPosition }>;

/** Prefix of the type names of error details in the protocol. */
const DETAILS = 'event_store.client.';

/**
 * An answer as it came in: the id of the append, and its result if the answer has nothing to explain. Everything else is
 * in `other`.
 */
export type AppendAnswer = Readonly<{ id: string; result?: AppendResult; other?: BatchAppendResp }>;

/**
 * Decodes a `BatchAppendResp` (streams.proto of EventStoreDB).
 *
 * @throws Error for bytes that are not such a message
 */
export const decodeAppendAnswer = (bytes: Buffer): AppendAnswer => {
  const taken = readTaken(bytes);
  if (taken) return taken;
  const other = decodeGenerated(streams.BatchAppendResp, bytes);
  return { id: other.getCorrelationId()?.getString() ?? '', other };
};

/** Reads the answer to an append that was taken. Returns undefined for any other, or if a part of it is missing. */
const readTaken = (bytes: Buffer): AppendAnswer | undefined => {
  const reader = new WireReader(bytes);
  let id = '';
  let result: AppendResult | undefined;
  while (reader.next()) {
    if (reader.field === 1) id = readId(reader.message());
    else if (reader.field === 2) return undefined;
    else if (reader.field === 3) result = readSuccess(reader.message());
    else reader.skip();
  }
  return id === '' || !result ? undefined : { id, result };
};

const readId = (uuid: WireReader): string => {
  let id = '';
  while (uuid.next()) {
    if (uuid.field === 2) id = uuid.string();
    else uuid.skip();
  }
  return id;
};

const readSuccess = (success: WireReader): AppendResult | undefined => {
  let revision: number | undefined;
  let position: LogPosition | undefined;
  while (success.next()) {
    if (success.field === 1) revision = revisionOf(success.uint64());
    else if (success.field === 3) position = readPosition(success.message());
    else success.skip();
  }
  return revision === undefined || !position ? undefined : { revision, position };
};

const readPosition = (message: WireReader): LogPosition | undefined => {
  let commit = 0n;
  let prepare = 0n;
  while (message.next()) {
    if (message.field === 1) commit = message.uint64();
    else if (message.field === 2) prepare = message.uint64();
    else message.skip();
  }
  return positionOf(commit, prepare);
};

/** Reads an answer that says more than where an append was written. @throws one of our errors when the append failed */
export const readAnswer = (answer: BatchAppendResp, { stream, expected }: AppendRequest): AppendResult => {
  const success = answer.getSuccess();
  if (!success) throw refusal(answer, stream, expected);
  const place = success.getPosition();
  const position = place && positionOf(BigInt(place.getCommitPosition()), BigInt(place.getPreparePosition()));
  const revision = success.hasCurrentRevision() ? revisionOf(success.getCurrentRevision()) : undefined;
  if (!position || revision === undefined) {
    throw new StoreUnavailable(`The append to ${stream} was answered without its place in the log`);
  }
  return { revision, position };
};

const DECIDED = [
  'WrongExpectedVersion',
  'StreamDeleted',
  'MaximumAppendSizeExceeded',
  'AccessDenied',
  'BadRequest',
].map((name) => `${DETAILS}${name}`);

/** Error code with which the embedded store refuses writes while it can't write (`RESOURCE_EXHAUSTED`). */
const REFUSES_WRITES = 8;

const refusesWrites = (answer: BatchAppendResp): boolean =>
  Number(answer.getError()?.getCode()) === REFUSES_WRITES;

/** Returns whether the member could not finish the append: it lost its leader or its majority, or is overloaded. */
export const isUndecided = (answer: BatchAppendResp): boolean =>
  !answer.getSuccess() &&
  !refusesWrites(answer) &&
  !DECIDED.includes(answer.getError()?.getDetails()?.getTypeName() ?? '');

const refusal = (answer: BatchAppendResp, stream: string, expected: AppendRequest['expected']): Error => {
  const error = answer.getError();
  const details = error?.getDetails();
  const message = error?.getMessage() || 'no reason given';
  if (refusesWrites(answer)) return new StoreRefusesWrites(message);
  switch (details?.getTypeName()) {
    case `${DETAILS}WrongExpectedVersion`: {
      const found = decodeGenerated(shared.WrongExpectedVersion, details.getValue_asU8());
      const actual = found.hasCurrentStreamRevision()
        ? revisionOf(found.getCurrentStreamRevision())
        : undefined;
      return new WrongExpectedRevision(stream, expected, actual ?? 'no_stream');
    }
    case `${DETAILS}StreamDeleted`:
      return new StreamGone(`Stream ${stream} was deleted for good`);
    case `${DETAILS}MaximumAppendSizeExceeded`:
      return new AppendTooLarge(`The events for ${stream} are larger than one append may be`);
    case `${DETAILS}AccessDenied`:
    case `${DETAILS}BadRequest`:
      return new StoreFault(`The event store refused the append to ${stream}: ${message}`);
    default: // timeouts and unexplained failures: the events may have been written
      return new StoreUnavailable(`The event store did not complete the append to ${stream}: ${message}`);
  }
};
