import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Suites that mostly wait, or cut connections instead of loading the machine. Two can run at once without disturbing
 * each other.
 */
const QUIET = ['store-away', 'full-disk', 'cut-replay', 'planted', 'failover'].map(
  (name) => `test/faults/${name}.fault.spec.ts`,
);
const CHAOS = 'test/faults/chaos/*.fault.spec.ts';

/** `npm run test:faults`: kills whole systems under load for minutes. Suites that load the machine run alone. */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#(apps|libs|tools|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }] },
  test: {
    setupFiles: ['test/support/secrets-kept.setup.ts'],
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'quiet', include: QUIET, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'loud',
          include: ['test/faults/*.fault.spec.ts'],
          exclude: QUIET,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'chaos', include: [CHAOS], maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
