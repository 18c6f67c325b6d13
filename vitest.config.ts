import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

/** `npm test`: everything that needs nothing but npm packages, unit specs first, then the ones with real engines. */
export default defineConfig({
  resolve: {
    // The build maps these through package.json "imports" to dist; tests run the sources.
    alias: [{ find: /^#(apps|libs|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }],
  },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['{apps,libs,test}/**/*.unit.spec.ts'] } },
      { extends: true, test: { name: 'int', include: ['{apps,libs,test}/**/*.int.spec.ts'], maxWorkers: 2 } },
      { extends: true, test: { name: 'e2e', include: ['test/e2e/**/*.e2e.spec.ts'], maxWorkers: 1 } },
    ],
  },
});
