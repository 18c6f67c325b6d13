import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#libs/embedded-postgres/embedded-postgres.js';

/** A PostgreSQL for the tests of one file. */
export type TestPostgres = {
  /** Makes an empty database of its own and gives its URL. */
  createDatabase(): Promise<string>;
  /** Stops the server as if it had crashed (`kill -9`), or in order. */
  stop(how?: 'crash'): Promise<void>;
  /** Starts it again after {@link stop}, on the same port: URLs given before are good again. */
  start(): Promise<void>;
};

/**
 * One real server for the whole file: call it at the top of a describe. It starts before the tests and is gone, with
 * its folder, after them.
 */
export const usePostgres = (): TestPostgres => {
  let dataDir = '';
  let server: EmbeddedPostgres | undefined;
  const started = (): EmbeddedPostgres => {
    if (server === undefined) throw new Error('The test server is not running');
    return server;
  };

  beforeAll(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'verbatim-test-pg-')), 'postgres');
    server = await startEmbeddedPostgres({ dataDir, log: () => {} });
  });

  afterAll(async () => {
    await server?.stop();
    await rm(join(dataDir, '..'), { recursive: true, force: true });
  });

  return {
    createDatabase: () => createDatabase(started().url),
    stop: async (how) => {
      if (how === 'crash') process.kill(started().pid, 'SIGKILL');
      else await started().stop();
      await started().exited;
    },
    start: async () => {
      server = await startEmbeddedPostgres({ dataDir, log: () => {}, port: started().port });
    },
  };
};

const createDatabase = async (serverUrl: string): Promise<string> => {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  return new URL(`/${name}`, serverUrl).href;
};
