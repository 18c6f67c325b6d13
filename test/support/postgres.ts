import { afterAll, beforeAll } from 'vitest';
import { TestPostgresServer } from '#tools/harness/system/postgres-server.js';

/** A PostgreSQL server for the tests of one file. */
export type TestPostgres = {
  /** Creates a new, empty database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Stops the server, either in order or as if it had crashed (`kill -9`). */
  stop(how?: 'crash'): Promise<void>;
  /** Starts it again after {@link stop}, on the same port, so that URLs given before work again. */
  start(): Promise<void>;
};

/**
 * Starts one real server for the whole file. Call it at the top of a describe: the server starts before the tests and
 * is removed, with its folder, after them.
 */
export const usePostgres = (): TestPostgres => {
  let server: TestPostgresServer | undefined;
  const started = (): TestPostgresServer => {
    if (server === undefined) throw new Error('The test server is not running');
    return server;
  };

  beforeAll(async () => {
    server = await TestPostgresServer.start();
  });

  afterAll(async () => {
    await server?.remove();
  });

  return {
    createDatabase: () => started().createDatabase(),
    stop: (how) => started().stopServer(how),
    start: () => started().restart(),
  };
};
