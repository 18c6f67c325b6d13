import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));

const WHOLE = 'test/hardening/whole-run.hardening.spec.ts';
const ALL = 'test/hardening/**/*.hardening.spec.ts';

/**
 * `npm run test:hardening`: tests the command that certifies, as a user types it: a short run of everything, and runs
 * that must fail.
 */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#(apps|libs|tools|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }] },
  test: {
    setupFiles: ['test/support/secrets-kept.setup.ts'],
    disableConsoleIntercept: true,
    testTimeout: 600_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'whole', include: [WHOLE], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
      // Two run at once, because nothing in them depends on speed.
      {
        extends: true,
        test: { name: 'short', include: [ALL], exclude: [WHOLE], maxWorkers: 2, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
