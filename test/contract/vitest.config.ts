import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));
const RECORDINGS = 'test/contract/recordings.contract.spec.ts';

/**
 * `npm run test:contract`: tests what EventStoreDB's clients may rely on. It runs on the server whose connection string
 * is in `VERBATIM_EVENTSTORE_URL`, or on the embedded one. A real server must run its standard projections. The
 * recordings come first and alone, because the place of checkpoints depends on what else is written.
 */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#(apps|libs|tools|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }] },
  test: {
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'recordings',
          include: [RECORDINGS],
          globalSetup: ['test/contract/support/recordings.setup.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.contract.spec.ts'],
          exclude: [RECORDINGS],
          globalSetup: ['test/contract/support/server.setup.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
