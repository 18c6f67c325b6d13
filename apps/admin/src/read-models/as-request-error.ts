import {
  PostgresUnavailable,
  QueryTooSlow,
  isMissingTable,
} from '#libs/projections/postgres/postgres.errors.js';
import { RequestError } from '#libs/protocol/errors.js';

const RETRY_AFTER_MS = 2_000;

/** What a caller may be told of trouble with PostgreSQL; anything else as it is. */
export const asRequestError = (error: unknown): unknown => {
  if (error instanceof QueryTooSlow) {
    return unavailable('The question took longer than five seconds; ask for less');
  }
  if (error instanceof PostgresUnavailable)
    return unavailable('The read models are not reachable, try again');
  if (isMissingTable(error)) return unavailable('The read models are not there yet, try again');
  return error;
};

const unavailable = (message: string): RequestError =>
  new RequestError('read_model_unavailable', message, RETRY_AFTER_MS);
