import {
  PostgresUnavailable,
  QueryTooSlow,
  isMissingTable,
} from '#libs/projections/postgres/postgres.errors.js';
import { NotOfThisLog } from '#libs/projections/vouched-read-models.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { RequestError } from '#libs/protocol/errors.js';

const RETRY_AFTER_MS = 2_000;

/**
 * Translates trouble with PostgreSQL, or with its content, into an error that the caller may see. Other
 * errors are returned unchanged.
 */
export const asRequestError = (error: unknown): unknown => {
  if (error instanceof QueryTooSlow) {
    return unavailable('The question took longer than five seconds; ask for less');
  }
  if (error instanceof PostgresUnavailable)
    return unavailable('The read models are not reachable, try again');
  if (error instanceof NotOfThisLog) return unavailable(`${error.message}, try again`);
  if (error instanceof StoreUnavailable)
    return unavailable(
      'The read models can’t be compared with the log while the event store is unreachable, try again',
    );
  if (isMissingTable(error)) return unavailable('The read models are not there yet, try again');
  return error;
};

const unavailable = (message: string): RequestError =>
  new RequestError('read_model_unavailable', message, RETRY_AFTER_MS);
