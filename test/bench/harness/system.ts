import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Verbatim } from '#tools/harness/system/verbatim.js';
import { environmentFor } from '#tools/harness/system/home.js';
import { RunningProcess } from '#tools/harness/processes/running-process.js';
import type { Home } from '#tools/harness/system/home.js';
import { NODE_OPTIONS } from '#tools/harness/system/node-options.js';
import { waitFor } from '#tools/harness/wait-for.js';

/** Benchmarks run from `dist`, next to the product. */
const MAIN = fileURLToPath(new URL('../../../apps/cli/src/main.js', import.meta.url));

export type Started = Readonly<{ system: Verbatim; readyMs: number }>;

/**
 * Starts all roles and measures the time from the start of the process to health 200. Takes options for Node itself,
 * such as `--cpu-prof --cpu-prof-dir=…`, from BENCH_NODE_OPTIONS.
 */
export const startSystem = async (
  home: Home,
  env: Readonly<Record<string, string>> = {},
): Promise<Started> => {
  const options = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean);
  const began = performance.now();
  const running = new RunningProcess(
    [process.execPath, ...NODE_OPTIONS, ...options, MAIN, 'start'],
    environmentFor(home, { VERBATIM_LOG_LEVEL: 'warn', ...env }),
  );
  let ended = false;
  void running.exited.then(() => (ended = true));
  const isReady = (): Promise<boolean> => {
    if (ended) throw new Error('It ended before it was ready');
    return fetch(`http://127.0.0.1:${home.port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  try {
    await waitFor('health 200', isReady, 300_000, 10);
  } catch (error) {
    running.tree.kill();
    throw new Error(`${(error as Error).message}; it printed:\n${running.output()}`, { cause: error });
  }
  const readyMs = performance.now() - began;
  const adminKey = (await readFile(join(home.dataDir, 'admin.key'), 'utf8')).trim();
  return { system: new Verbatim(home, adminKey, running), readyMs };
};
