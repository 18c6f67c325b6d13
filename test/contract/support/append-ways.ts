import { inject } from 'vitest';
import type { AppendToStreamOptions } from '@eventstore/db-client';

/**
 * The two ways in which the client appends: by BatchAppend where the server has it, and by Append for a call with its
 * own credentials. Both must decide alike.
 */
export const appendWays = (): [string, AppendToStreamOptions][] => [
  ['BatchAppend', {}],
  ['Append', { credentials: credentials() }],
];

/** Returns the credentials in the connection string, or those of a new server. */
const credentials = (): { username: string; password: string } => {
  const { username, password } = new URL(inject('eventStoreUrl').replace(/^esdb(\+discover)?:/u, 'http:'));
  return username
    ? { username: decodeURIComponent(username), password: decodeURIComponent(password) }
    : { username: 'admin', password: 'changeit' };
};
