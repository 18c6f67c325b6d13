import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

export const DATABASE = 'verbatim';

/** SQLSTATE of a database that does not exist. */
const INVALID_CATALOG_NAME = '3D000';

/** Lines of `postmaster.pid`, as PostgreSQL's `pidfile.h` counts them, from 1. */
const LOCK_LINES = { pid: 1, port: 4, status: 8 } as const;

/** A server just started: the cluster it is to serve, the number of its process, and the port it is to listen on. */
export type Starting = Readonly<{ pgdata: string; pid: number; port: number }>;

/**
 * Waits until the server takes connections and the database is there (made if need be). False when `gaveUp` says so
 * first: a server that recovers from a crash may take long, one that is gone never answers.
 * @throws Error for an answer that waiting does not change, such as a wrong password
 */
export const waitUntilReady = async (
  server: Starting,
  urlOf: (database: string) => string,
  gaveUp: () => boolean,
): Promise<boolean> => {
  for (; !gaveUp(); await delay(15)) {
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
 * Whether the server itself says that it is ready. Until it does, whoever answers on its port may be another server,
 * which took the port in between.
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
  client.on('error', () => {}); // the connect call reports it
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error as PgError;
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Nobody listens yet (a system error of the socket), the answer was cut, or the server says it is starting up. */
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
