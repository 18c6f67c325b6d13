import { RpcError, STATUS } from '../grpc/status.js';
import type { DamagedLog } from '../storage/damaged-log.js';
import { expectedVersionNumber, type ExpectedRevision } from '../rules/expected-revision.js';

/** Bytes of one append (MaxAppendSize of EventStoreDB's options). */
export const MAX_APPEND_SIZE = 1024 * 1024;

/*
 * The errors of EventStoreDB as its clients expect them: a gRPC status and, in the trailer `exception`, the name of
 * the class the client makes of it (RpcExceptions.cs, Constants.cs; the client's utils/CommandError).
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

/** What gRPC for .NET answers for an exception that the server did not foresee, whatever it was. */
export const handlerFailed = (): RpcError => new RpcError(STATUS.UNKNOWN, 'Exception was thrown by handler.');

/** A subscription to `$all` from a position at which no record begins. */
export const invalidPosition = (): RpcError => invalidArgument('Trying to read from an invalid position.');

/** A read that its storage can't answer: `result` is the server's name for why (ReadResponseException.cs, UnknownError). */
export const unexpectedResult = (result: string): RpcError =>
  new RpcError(STATUS.UNKNOWN, `Unexpected ${result}`);

/** The change may or may not be on disk; the client makes a TimeoutError of it. */
export const timedOut = (details: string): RpcError =>
  new RpcError(STATUS.ABORTED, `Operation timed out: ${details}`);

/** The disk takes nothing at this moment: the change is not there. */
export const notWritten = (details: string): RpcError => new RpcError(STATUS.RESOURCE_EXHAUSTED, details);

/**
 * What a reader wants is damaged: the status gRPC has for it. The real server answers UNKNOWN to such a read and goes
 * down at others; a client makes its error for what it does not know of both.
 */
export const dataLost = ({ message, place }: DamagedLog): RpcError =>
  new RpcError(STATUS.DATA_LOSS, message, {
    exception: 'damaged-log',
    ...(place && { 'log-position': String(place.position), 'log-file': place.file }),
  });

/** How a batch append ends when the server does. */
export const cancelled = (): RpcError => new RpcError(STATUS.CANCELLED, 'Operation Cancelled');

export const notReady = (): RpcError => new RpcError(STATUS.UNAVAILABLE, 'Server Is Not Ready');
