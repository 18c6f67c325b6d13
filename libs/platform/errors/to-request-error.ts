import { HttpException } from '@nestjs/common';
import { Rejection } from '#libs/domain/rejection.js';
import { RequestError } from '#libs/protocol/errors.js';
import { isTellable } from './told.js';

/**
 * Fixed texts for requests that Nest and Express refuse by themselves, whose own texts quote the input or the parser.
 */
const BY_STATUS: Readonly<Record<number, () => RequestError>> = {
  400: () => new RequestError('invalid_payload', 'The request is not valid'),
  401: () => new RequestError('unauthenticated', 'A valid key is needed'),
  403: () => new RequestError('forbidden', 'This key does not allow that'),
  404: () => new RequestError('not_found', 'There is nothing at this address'),
  413: () => new RequestError('message_too_large', 'The request is too large'),
  415: () => new RequestError('unsupported_media_type', 'The compression of the request is not supported'),
};

/**
 * Returns the error that a client may see for any error, over HTTP and Socket.IO alike. Faults become `internal_error`
 * without any of their details; log the original (see {@link isFault}).
 */
export const toRequestError = (error: unknown): RequestError => {
  if (error instanceof RequestError) return error;
  if (error instanceof Rejection) return new RequestError(error.code, error.message);
  if (isTellable(error)) {
    const { code, message, retryAfterMs } = error.told;
    return new RequestError(code, message, retryAfterMs);
  }
  const known = fromBodyParser(error) ?? BY_STATUS[statusOf(error)]?.();
  return known ?? new RequestError('internal_error', 'Something went wrong on our side');
};

/** Returns whether the answer reports a fault of ours, so that the original error belongs in the log. */
export const isFault = (answer: RequestError): boolean => answer.code === 'internal_error';

const fromBodyParser = (error: unknown): RequestError | undefined =>
  property(error, 'type') === 'entity.too.large' ? BY_STATUS[413]?.() : undefined;

/**
 * Returns the status of one of Nest's exceptions, or of an error that `http-errors` made for Express and that is meant
 * for the client. Anything else counts as 500.
 */
const statusOf = (error: unknown): number => {
  if (error instanceof HttpException) return error.getStatus();
  const status = property(error, 'expose') === true ? property(error, 'status') : undefined;
  return typeof status === 'number' ? status : 500;
};

const property = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
