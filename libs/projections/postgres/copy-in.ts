import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

/**
 * Copies rows, formatted by `copyLine`, in UTF-8, into a table. Sends them all at once, so that a process which stops
 * running does not leave PostgreSQL waiting for the rest.
 */
export const copyIn = async (
  client: pg.ClientBase,
  table: string,
  columns: readonly string[],
  lines: Buffer,
): Promise<void> => {
  const copying = client.query(from(`COPY ${table} (${columns.join(', ')}) FROM STDIN`));
  copying.end(lines);
  await finished(copying);
};
