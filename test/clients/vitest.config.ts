import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `npm run test:clients`: tests that need Debian's packages for clients in other languages, texts, and a browser. */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#(apps|libs|tools|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }] },
  test: {
    setupFiles: ['test/support/secrets-kept.setup.ts'],
    include: ['test/clients/**/*.client.spec.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
