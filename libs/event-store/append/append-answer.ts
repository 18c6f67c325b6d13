import { decodeGenerated } from '#libs/protobuf/decode-generated.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
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

/** Where the last event of an append lies. */
export type AppendResult = Readonly<{ revision: number; position: LogPosition }>;

/** Type names of the error details, as the protocol defines them. */
const DETAILS = 'event_store.client.';

/** @throws one of our errors, as the answer says */
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

/** What the embedded store answers while it can write nothing (`RESOURCE_EXHAUSTED`). */
const REFUSES_WRITES = 8;

const refusesWrites = (answer: BatchAppendResp): boolean =>
  Number(answer.getError()?.getCode()) === REFUSES_WRITES;

/** The member could not bring the append to an end: it has no leader or no majority any more, or is overloaded. */
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
    default: // timeouts and what the server could not explain: it may have been written
      return new StoreUnavailable(`The event store did not complete the append to ${stream}: ${message}`);
  }
};
