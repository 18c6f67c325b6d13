import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

/** The kinds run one after the other: what starts whole systems must not compete with the rest. */
const kind = (
  name: string,
  include: string,
  order: number,
  maxWorkers: number,
  more: Readonly<{ isolate?: boolean; exclude?: string[]; setupFiles?: string[] }> = {},
) => ({
  extends: true as const,
  test: { name, include: [include], maxWorkers, sequence: { groupOrder: order }, ...more },
});

/** How many cases each property draws, and which. */
const PROPERTIES = 'test/support/properties/properties.setup.ts';
/** Looks at what the systems that a file of specs has started have printed. */
const setupFiles = [PROPERTIES, 'test/support/secrets-kept.setup.ts'];

/** Runs `npm start`, which builds: nothing else may run from `dist` meanwhile. */
const TOUR = 'test/e2e/readme-tour.e2e.spec.ts';

/** `npm test`: everything that needs nothing but npm packages, unit specs first, then the ones with real engines. */
export default defineConfig({
  resolve: {
    // The build maps these through package.json "imports" to dist; tests run the sources.
    alias: [{ find: /^#(apps|libs|tools|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }],
  },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      // Two processes for all files of a kind: loading the same modules again for each file takes longer than most tests.
      kind('unit', '{apps,libs,tools,test}/**/*.unit.spec.ts', 1, 2, {
        isolate: false,
        setupFiles: [PROPERTIES],
      }),
      kind('int', '{apps,libs,tools,test}/**/*.int.spec.ts', 2, 2, {
        isolate: false,
        setupFiles: [PROPERTIES],
      }),
      // Three at once: most of their time they wait, for heartbeats, alarms and starts.
      kind('e2e', 'test/e2e/**/*.e2e.spec.ts', 3, 3, { exclude: [TOUR], setupFiles }),
      kind('tour', TOUR, 4, 1, { setupFiles }),
    ],
  },
});
