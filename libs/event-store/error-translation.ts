import {
  AccessDeniedError,
  InvalidArgumentError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import {
  AppendTooLarge,
  DamagedEvent,
  StoreFault,
  StoreUnavailable,
  StreamGone,
  UnknownPosition,
  WrongExpectedRevision,
} from './event-store.errors.js';
import { revisionOf } from './position.js';
import type { ExpectedRevision } from './event-store.errors.js';

/** The request, to name it in the error. */
export type Asked = Readonly<{ stream?: string; expected?: ExpectedRevision }>;

/**
 * Status codes that are final. INTERNAL and UNKNOWN are not, because a connection that dies during a call ends it with
 * them too.
 */
const FINAL_STATUS = new Set<number>([
  status.INVALID_ARGUMENT,
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.DATA_LOSS,
]);

/** Errors that are already ours and stay as they are. */
const OURS = [
  WrongExpectedRevision,
  StoreUnavailable,
  AppendTooLarge,
  StreamGone,
  UnknownPosition,
  StoreFault,
];

/**
 * Matches how servers report an invalid position: as a wrong argument, or as an unexpected result of a read
 * (Enumerator.cs).
 */
const INVALID_POSITION = /invalid ?position/i;
const BUGS = [TypeError, RangeError, SyntaxError, ReferenceError];

/**
 * Translates the client's errors into ours; nothing else does. An error that is not known to be final becomes
 * StoreUnavailable: its outcome is unknown, and trying again is right.
 */
export const translateError = (error: unknown, asked: Asked = {}): Error => {
  if (!(error instanceof Error)) return new StoreFault(String(error));
  if ([...OURS, ...BUGS].some((known) => error instanceof known)) return error;
  const stream = asked.stream ?? '';
  if (error instanceof WrongExpectedVersionError) {
    const { actualVersion } = error;
    const actual = typeof actualVersion === 'bigint' ? revisionOf(actualVersion) : undefined;
    return new WrongExpectedRevision(stream, asked.expected ?? 'any', actual ?? 'no_stream');
  }
  if (error instanceof StreamDeletedError || exceptionOf(error) === 'stream-deleted') {
    return new StreamGone(`Stream ${stream} was deleted for good`, { cause: error });
  }
  if (error instanceof MaxAppendSizeExceededError) {
    return new AppendTooLarge(`The events for ${stream} are larger than one append may be`, { cause: error });
  }
  if (INVALID_POSITION.test(error.message)) {
    return new UnknownPosition('There is no event at this position', { cause: error });
  }
  if (exceptionOf(error) === 'not-leader') {
    return new StoreUnavailable('This member of the event store is not the leader', { cause: error });
  }
  if ((error as { code?: unknown }).code === status.DATA_LOSS) {
    return new DamagedEvent(
      `${detailsOf(error)}. "verbatim event-store check" finds all damage, "verbatim event-store repair" copies what is intact`,
      { cause: error },
    );
  }
  if (isFinal(error))
    return new StoreFault(`The event store refused: ${firstLine(error.message)}`, { cause: error });
  return new StoreUnavailable(`The event store cannot be reached: ${firstLine(error.message)}`, {
    cause: error,
  });
};

/** Returns the server's name for its own error, from the trailers of a call. */
const exceptionOf = (error: Error): string | undefined => {
  const { metadata } = error as Partial<ServiceError>;
  return metadata?.get('exception')[0]?.toString();
};

/** Returns the server's description of the damage, without gRPC's prefix. */
const detailsOf = (error: Error): string => firstLine(error.message).replace(/^\d+ DATA_LOSS: /, '');

const isFinal = (error: Error): boolean => {
  if (error instanceof AccessDeniedError || error instanceof InvalidArgumentError) return true;
  const code = (error as { code?: unknown }).code;
  if (error instanceof UnknownError || error.constructor === Error) {
    return typeof code === 'number' && FINAL_STATUS.has(code);
  }
  return false;
};

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
