import { readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '#tools/harness/measure/process-usage.js';
import { signal } from '#tools/harness/processes/process-tree.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';

const MB_PER_MIB = 1.048576;
const LOOK_EVERY_MS = 1_000;
const AT_REST_MB = 0.5;
const PATIENCE = 20;

/** Memory in MB. `held` is without file pages, which the system takes back when it needs memory. */
export type SettledMemory = Readonly<{ all: number; held: number }>;

/**
 * Measures the memory of Verbatim's own Node processes, after they were forced to collect their garbage and no longer
 * shrink. Works only for systems that collect on SIGUSR2.
 */
export const settledMemory = async ({ process: { tree } }: Verbatim): Promise<SettledMemory> => {
  const own = tree.living().filter(isNode);
  const memory = (): SettledMemory => {
    const each = own.map(memoryOf);
    const all = each.reduce((sum, { rssMiB }) => sum + rssMiB, 0) * MB_PER_MIB;
    return { all, held: all - each.reduce((sum, { filesMiB }) => sum + filesMiB, 0) * MB_PER_MIB };
  };
  let lowest: SettledMemory = { all: Infinity, held: Infinity };
  for (let looks = 0; looks < PATIENCE; looks += 1) {
    for (const pid of own) signal(pid, 'SIGUSR2');
    await pause(LOOK_EVERY_MS);
    const now = memory();
    const isAtRest = now.all > lowest.all - AT_REST_MB;
    if (now.all < lowest.all) lowest = now;
    if (isAtRest) break;
  }
  return lowest;
};

const isNode = (pid: number): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === process.execPath;
  } catch {
    return false;
  }
};
