import { inject } from 'vitest';
import type { AppendToStreamOptions } from '@eventstore/db-client';

/**
 * The client appends by BatchAppend where the server has it, and by Append for a call with credentials of its own. Both
 * have to decide alike.
 */
export const appendWays = (): [string, AppendToStreamOptions][] => [
  ['BatchAppend', {}],
  ['Append', { credentials: credentials() }],
];

/** Those in the connection string, else the ones a new server has. */
const credentials = (): { username: string; password: string } => {
  const { username, password } = new URL(inject('eventStoreUrl').replace(/^esdb(\+discover)?:/u, 'http:'));
  return username
    ? { username: decodeURIComponent(username), password: decodeURIComponent(password) }
    : { username: 'admin', password: 'changeit' };
};
