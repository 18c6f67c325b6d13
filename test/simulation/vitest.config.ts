import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `npm run test:simulation`: plays as many random histories as fit into the time. */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#(apps|libs|tools|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }] },
  test: {
    include: ['test/simulation/**/*.sim.spec.ts'],
    disableConsoleIntercept: true,
    testTimeout: 60_000,
  },
});
