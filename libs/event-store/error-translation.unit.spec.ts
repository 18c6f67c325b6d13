import {
  AccessDeniedError,
  CancelledError,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  TimeoutError,
  UnavailableError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { translateError } from './error-translation.js';
import {
  AppendTooLarge,
  StoreFault,
  StoreUnavailable,
  StreamGone,
  UnknownPosition,
  WrongExpectedRevision,
} from './event-store.errors.js';

const grpc = (code: number, message = 'went wrong\nwith a stack') =>
  Object.assign(new Error(message), { code, details: message }) as never;

describe('translating errors of the client', () => {
  it.each([
    [new UnavailableError(grpc(14))],
    [new DeadlineExceededError(grpc(4))],
    [new TimeoutError(grpc(10))],
    [new CancelledError(grpc(1))],
    [new UnknownError(grpc(status.INTERNAL, 'Received RST_STREAM with code 2'))],
    [new Error('Failed to discover after 10 attempts.')],
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
  ])(
    'an error after which the append may have happened and a retry may work is StoreUnavailable: %s',
    (error) => {
      expect(translateError(error)).toBeInstanceOf(StoreUnavailable);
      expect(translateError(error).message).not.toContain('\n');
      expect(translateError(error).cause).toBe(error);
    },
  );

  it.each([
    [new AccessDeniedError(grpc(16))],
    [new UnknownError(grpc(status.UNIMPLEMENTED))],
    [new UnknownError(grpc(status.INVALID_ARGUMENT))],
  ])('a permanent refusal by the store is StoreFault: %s', (error) => {
    expect(translateError(error)).toBeInstanceOf(StoreFault);
  });

  it('names stream, expected and actual revision of a conflict', () => {
    const versions = { streamName: 's', current: 7n, expected: 3n };
    const conflict = translateError(new WrongExpectedVersionError(undefined, versions), {
      stream: 's',
      expected: 3,
    });
    expect(conflict).toEqual(new WrongExpectedRevision('s', 3, 7));
    expect(conflict.message).toBe('Stream s is at 7, not at 3');
  });

  it.each([
    [grpc(status.UNKNOWN, '2 UNKNOWN: Unexpected ReadAllResult: InvalidPosition')],
    [grpc(status.INVALID_ARGUMENT, '3 INVALID_ARGUMENT: Trying to read from an invalid position.')],
  ])('recognises an invalid position, however the server words it: %s', (error) => {
    expect(translateError(error)).toBeInstanceOf(UnknownPosition);
  });

  it('tells tombstones and too large appends apart', () => {
    expect(translateError(StreamDeletedError.fromStreamName('s'))).toBeInstanceOf(StreamGone);
    expect(translateError(MaxAppendSizeExceededError.fromMaxAppendSize(1))).toBeInstanceOf(AppendTooLarge);
  });

  it('leaves our own errors and programming mistakes unchanged', () => {
    const ours = [new StoreUnavailable('x'), new TypeError('a bug')];
    expect(ours.map((error) => translateError(error))).toEqual(ours);
    expect(translateError(ours[1])).toBe(ours[1]);
  });
});
