import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `npm run test:hardening`: the command that certifies, as it is typed: a short run of everything, and runs that must fail. */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#(apps|libs|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }] },
  test: {
    include: ['test/hardening/**/*.hardening.spec.ts'],
    fileParallelism: false,
    disableConsoleIntercept: true,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
