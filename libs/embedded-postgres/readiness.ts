import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { sleep } from '#libs/time/sleep.js';

export const DATABASE = 'verbatim';

/** SQLSTATE for a database that does not exist. */
const INVALID_CATALOG_NAME = '3D000';

/** The lines of `postmaster.pid`, counted from 1 as in PostgreSQL's `pidfile.h`. */
const LOCK_LINES = { pid: 1, port: 4, status: 8 } as const;

/**
 * A server that was just started: the folder of its cluster, its process id, and the port that it is to
 * listen on.
 */
export type Starting = Readonly<{ pgdata: string; pid: number; port: number }>;

/**
 * Waits until the server accepts connections and the database exists; creates the database if needed. Returns
 * false when `gaveUp` returns true first: a server that recovers from a crash may take long, but one that is
 * gone never answers.
 *
 * @throws Error for an answer that waiting does not change, such as a wrong password
 */
export const waitUntilReady = async (
  server: Starting,
  urlOf: (database: string) => string,
  gaveUp: () => boolean,
): Promise<boolean> => {
  for (; !gaveUp(); await sleep(15)) {
    if (!(await hasThePort(server))) continue;
    const answer = await tryConnection(urlOf(DATABASE));
    if (answer === undefined) return true;
    if (answer.code === INVALID_CATALOG_NAME) {
      await createDatabase(urlOf('postgres'));
      return true;
    }
    if (!isTransient(answer)) throw answer;
  }
  return false;
};

/**
 * Returns whether the server itself has reported that it is ready. Until then, another server that took the
 * port in the meantime may be the one that answers there.
 */
const hasThePort = async ({ pgdata, pid, port }: Starting): Promise<boolean> => {
  const lines = (await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const said = (line: number): string => (lines[line - 1] ?? '').trim();
  return (
    said(LOCK_LINES.pid) === String(pid) &&
    said(LOCK_LINES.port) === String(port) &&
    said(LOCK_LINES.status) === 'ready'
  );
};

type PgError = Error & { code?: string };

const tryConnection = async (url: string): Promise<PgError | undefined> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {}); // connect() reports the error
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error as PgError;
  } finally {
    await client.end().catch(() => undefined);
  }
};

/**
 * Returns whether waiting can help: nobody listens yet (a system error of the socket), the answer was cut
 * off, or the server is starting up.
 */
const isTransient = ({ code }: PgError): boolean =>
  code === undefined || code === '57P03' || /^E[A-Z]+$/.test(code);

const createDatabase = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
};
