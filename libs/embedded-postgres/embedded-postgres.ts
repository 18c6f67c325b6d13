import { freePort } from '#libs/platform/free-port.js';
import { findBinaries, type PostgresBinaries } from './binaries.js';
import { clusterDir, initCluster, openDataDir, readPassword, SUPERUSER } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { stopOrphan } from './orphan.js';
import { DATABASE, waitUntilReady, type Starting } from './readiness.js';
import { chooseRunAs, type RunAs } from './run-as.js';
import { spawnServer, type ServerProcess } from './server-process.js';
import { whyNotStarted } from './start-trouble.js';
import { serverArguments } from './server-settings.js';
import { sleep } from '#libs/time/sleep.js';

/** A running PostgreSQL server on a loopback port, which only this process uses. */
export type EmbeddedPostgres = Readonly<{
  /** The connection URL, with the password. It must not be logged. */
  url: string;
  port: number;
  pid: number;
  /** Resolves when the server is gone, whatever the reason, with that reason in words. */
  exited: Promise<string>;
  /** Stops the server in an orderly way. Resolves when none of its processes is left. */
  stop(): Promise<void>;
}>;

export type EmbeddedPostgresOptions = Readonly<{
  /**
   * The server's own folder, created at the first start. No other process may use it at the same time, so it
   * must be locked first.
   */
  dataDir: string;
  /** Receives the server's own log, line by line. */
  log: (line: string) => void;
  /** The port of an earlier start, to be used again. By default, any free port. */
  port?: number;
}>;

/**
 * How often a start is attempted when the port was taken in the meantime or child processes of the last
 * server are still running.
 */
const ATTEMPTS = 10;
const START_DEADLINE_MS = 60_000;
const PASSING_TROUBLE =
  /Address already in use|shared memory block.*still in use|lock file "postmaster.pid" already/s;

/**
 * Starts the real PostgreSQL from the npm package, with a database `verbatim`, and waits until it accepts
 * connections. The server ends with this process, however this process ends.
 *
 * @throws EmbeddedPostgresError when it does not start
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const { dataDir } = options;
  const [binaries, existingOwner] = await Promise.all([findBinaries(), openDataDir(dataDir)]);
  const password = await readPassword(dataDir);
  const runAs = await chooseRunAs({ binary: binaries.postgres, folder: dataDir, existingOwner });
  if (existingOwner === undefined) await initCluster(dataDir, binaries, runAs, password);
  else await stopOrphan(clusterDir(dataDir));
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const server = launch(options, binaries, runAs, port);
    const urlOf = (database: string): string =>
      `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
    const trouble = await becomeReady(server, { pgdata: clusterDir(dataDir), pid: server.pid, port }, urlOf);
    if (trouble === undefined) {
      return {
        url: urlOf(DATABASE),
        port,
        pid: server.pid,
        exited: server.exited,
        stop: () => server.stop(),
      };
    }
    if (attempt === ATTEMPTS || !PASSING_TROUBLE.test(trouble)) {
      throw new EmbeddedPostgresError(whyNotStarted(trouble, dataDir));
    }
    await sleep(100 * attempt);
  }
};

const launch = (
  { dataDir, log }: EmbeddedPostgresOptions,
  binaries: PostgresBinaries,
  runAs: RunAs,
  port: number,
): ServerProcess => {
  const pgdata = clusterDir(dataDir);
  return spawnServer([...runAs.prefix, binaries.postgres, ...serverArguments(pgdata, port)], dataDir, log);
};

/**
 * Returns undefined once the server is ready. Otherwise the server is gone, and the returned text says why.
 */
const becomeReady = async (
  server: ServerProcess,
  starting: Starting,
  urlOf: (database: string) => string,
): Promise<string | undefined> => {
  let reason: string | undefined;
  void server.exited.then((why) => (reason = why));
  const deadline = Date.now() + START_DEADLINE_MS;
  try {
    if (await waitUntilReady(starting, urlOf, () => reason !== undefined || Date.now() > deadline))
      return undefined;
  } catch (error) {
    await server.stop();
    return (error as Error).message;
  }
  await server.stop();
  return server.lastWords() || (reason ?? 'it did not become ready in time');
};
