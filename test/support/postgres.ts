import { afterAll, beforeAll } from 'vitest';
import { TestPostgresServer } from '#tools/harness/system/postgres-server.js';

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
    stop: (how) => started().stop(how),
    start: () => started().restart(),
  };
};
