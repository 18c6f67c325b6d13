import { ERROR_CODES } from '../errors.js';
import { count, object, oneWordOf, text, booleanValue } from './schema.js';

const code = oneWordOf(...Object.keys(ERROR_CODES));

/** The reason why a request was refused, over Socket.IO. */
export const errorSchema = object(
  { code, status: count, message: text(), retryable: booleanValue },
  { retryAfterMs: count },
);

/** The reason why a request was refused, over HTTP: a problem document (RFC 9457). */
export const problemSchema = object(
  { type: text(), title: text(), status: count, detail: text(), code, retryable: booleanValue },
  { retryAfterMs: count },
);
