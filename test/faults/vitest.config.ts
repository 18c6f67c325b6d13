import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What waits for half a minute at a time, or is cut rather than loaded: two at once take nothing from each other. */
const QUIET = ['store-away', 'full-disk', 'cut-replay', 'planted', 'failover'].map(
  (name) => `test/faults/${name}.fault.spec.ts`,
);
const CHAOS = 'test/faults/chaos/*.fault.spec.ts';

/** `npm run test:faults`: whole systems killed under load for minutes; what loads the machine runs by itself. */
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
