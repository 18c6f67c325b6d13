import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

export const DATABASE = 'verbatim';

/** SQLSTATE of a database that does not exist. */
const INVALID_CATALOG_NAME = '3D000';

/**
 * Waits until the server takes connections and the database is there (made if need be). False when `gaveUp` says so
 * first: a server that recovers from a crash may take long, one that is gone never answers.
 * @throws Error for an answer that waiting does not change, such as a wrong password
 */
export const waitUntilReady = async (
  urlOf: (database: string) => string,
  gaveUp: () => boolean,
): Promise<boolean> => {
  while (!gaveUp()) {
    const answer = await tryConnection(urlOf(DATABASE));
    if (answer === undefined) return true;
    if (answer.code === INVALID_CATALOG_NAME) {
      await createDatabase(urlOf('postgres'));
      return true;
    }
    if (!isTransient(answer)) throw answer;
    await delay(15);
  }
  return false;
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
