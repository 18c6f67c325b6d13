import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunningProcess } from '#tools/harness/processes/running-process.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const STAND_IN = fileURLToPath(new URL('../support/stand-in-store.mjs', import.meta.url));
const LIMIT_MS = 240_000;

/** Puts another store in place of the embedded one wherever whole systems are started. */
describe('with a command that starts a store (VERBATIM_TEST_EVENTSTORE_COMMAND)', () => {
  let folder: string;
  let record: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verbatim test other-store-'));
    record = join(folder, 'used');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /**
   * Runs a suite unchanged with this command. Resolves with the folders that the stand-in served, in order.
   * @throws Error when the suite does not pass
   */
  const foldersServed = async (
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<string[]> => {
    const ours = Object.entries(process.env).filter(([name]) => !/^(VITEST|VERBATIM)/.test(name));
    const suite = new RunningProcess([process.execPath, VITEST, 'run', '--root', ROOT, ...args], {
      ...Object.fromEntries(ours),
      VERBATIM_TEST_EVENTSTORE_COMMAND: command,
      ...env,
    });
    try {
      const { code } = await suite.exitWithin(LIMIT_MS);
      if (code !== 0) throw new Error(suite.output());
      return (await readFile(record, 'utf8')).trim().split('\n');
    } finally {
      suite.tree.kill();
      await suite.gone();
    }
  };
  const standIn = (): string => `"${process.execPath}" "${STAND_IN}" "${record}"`;

  it(
    'an end-to-end run uses that store, which the separate roles share',
    async () => {
      const served = await foldersServed(standIn(), ['--project', 'e2e', 'test/e2e/roles-apart.e2e.spec.ts']);
      expect(served).toEqual([expect.stringMatching(/verbatim-test-roles-\w+\/event-store$/)]);
    },
    LIMIT_MS,
  );

  it(
    'a fault run uses that store: it is killed and restarted with the rest, and the log is read through it',
    async () => {
      const args = ['--config', 'test/faults/vitest.config.ts', 'kill-all'];
      const served = await foldersServed(standIn(), args, {
        VERBATIM_FAULT_ROUNDS: '1',
        VERBATIM_FAULT_SEED: '1',
      });
      expect(served.length).toBeGreaterThanOrEqual(3);
      expect(new Set(served).size).toBe(1);
      expect(served[0]).toMatch(/\/data\/event-store$/);
    },
    LIMIT_MS,
  );

  it(
    'a run fails with the last output of a command that starts no store',
    async () => {
      const args = ['--config', 'test/faults/vitest.config.ts', 'kill-all'];
      const run = foldersServed('sh -c "echo no licence >&2; exit 3" sh', args);
      await expect(run).rejects.toThrow(/The given event store did not start: no licence/);
    },
    LIMIT_MS,
  );
});
