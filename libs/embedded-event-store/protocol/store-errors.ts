import { RpcError, STATUS } from '../grpc/status.js';
import type { DamagedLog } from '../record/damaged-log.js';
import { expectedVersionNumber, type ExpectedRevision } from '../rules/expected-revision.js';

/** Largest size of one append in bytes (MaxAppendSize of EventStoreDB's options). */
export const MAX_APPEND_SIZE = 1024 * 1024;

/*
 * The errors of EventStoreDB in the form that its clients expect: a gRPC status and, in the trailer `exception`, the
 * name from which the client derives its error class (RpcExceptions.cs, Constants.cs; the client's utils/CommandError).
 */

export const streamDeleted = (stream: string): RpcError =>
  new RpcError(STATUS.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const wrongExpectedVersion = (
  operation: string,
  stream: string,
  expected: ExpectedRevision,
  actual: number,
): RpcError => {
  const expectedNumber = expectedVersionNumber(expected);
  return new RpcError(
    STATUS.FAILED_PRECONDITION,
    `${operation} failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expectedNumber}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(expectedNumber),
      'actual-version': String(actual),
    },
  );
};

export const appendTooLarge = (): RpcError =>
  new RpcError(STATUS.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_SIZE),
  });

export const metadataPropertyMissing = (property: string): RpcError =>
  new RpcError(STATUS.INVALID_ARGUMENT, `Required Metadata Property '${property}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const invalidArgument = (details: string): RpcError => new RpcError(STATUS.INVALID_ARGUMENT, details);

/** The answer of gRPC for .NET to any exception that the server did not foresee. */
export const handlerFailed = (): RpcError => new RpcError(STATUS.UNKNOWN, 'Exception was thrown by handler.');

/** Refuses a subscription to `$all` from a position at which no record begins. */
export const invalidPosition = (): RpcError => invalidArgument('Trying to read from an invalid position.');

/**
 * Refuses a read that the storage can't answer. `result` is the server's name for the reason (ReadResponseException.cs,
 * UnknownError).
 */
export const unexpectedResult = (result: string): RpcError =>
  new RpcError(STATUS.UNKNOWN, `Unexpected ${result}`);

/** Reports that the change may or may not be on disk. The client turns it into a TimeoutError. */
export const timedOut = (details: string): RpcError =>
  new RpcError(STATUS.ABORTED, `Operation timed out: ${details}`);

/** Reports that the disk accepts no writes at this moment and the change was not made. */
export const notWritten = (details: string): RpcError => new RpcError(STATUS.RESOURCE_EXHAUSTED, details);

/**
 * Reports that the data a reader wants is damaged, with the gRPC status for that. The real server answers some such
 * reads with UNKNOWN and goes down at others. The client turns both into its error for unknown failures.
 */
export const dataLost = ({ message, place }: DamagedLog): RpcError =>
  new RpcError(STATUS.DATA_LOSS, message, {
    exception: 'damaged-log',
    ...(place && { 'log-position': String(place.position), 'log-file': place.file }),
  });

/** Ends a batch append when the server stops. */
export const cancelled = (): RpcError => new RpcError(STATUS.CANCELLED, 'Operation Cancelled');

export const notReady = (): RpcError => new RpcError(STATUS.UNAVAILABLE, 'Server Is Not Ready');
