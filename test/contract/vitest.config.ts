import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * `npm run test:contract`: what EventStoreDB's clients may rely on, tried on the server whose connection string is in
 * `VERBATIM_EVENTSTORE_URL`, on the embedded one without it. On a real server its standard projections have to run.
 */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#(apps|libs|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }] },
  test: {
    include: ['test/contract/**/*.contract.spec.ts'],
    globalSetup: ['test/contract/support/server.setup.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
