import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * `npm run test:audit-proofs`: the audit log's checkpoints, tiles and proofs are verified by programs that are not ours.
 * Its processes are killed while they sign. Needs Debian's packages `golang-go` and `golang-golang-x-mod-dev`.
 */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^#(apps|libs|tools|test)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }] },
  test: {
    include: ['test/audit-proofs/**/*.proofs.spec.ts'],
    globalSetup: ['test/audit-proofs/programs.setup.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
