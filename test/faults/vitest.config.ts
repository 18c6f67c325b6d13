import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `npm run test:faults`: whole systems killed under load, one after the other, for minutes. */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#(apps|libs|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }] },
  test: {
    include: ['test/faults/**/*.fault.spec.ts'],
    fileParallelism: false,
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
