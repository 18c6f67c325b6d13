import { readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '#libs/harness/measure/process-usage.js';
import { signal } from '#libs/harness/processes/process-tree.js';
import type { Verbatim } from '#libs/harness/system/verbatim.js';

const MB_PER_MIB = 1.048576;
const LOOK_EVERY_MS = 1_000;
const AT_REST_MB = 0.5;
const PATIENCE = 20;

/**
 * Memory of Verbatim's own Node processes in MB, after they were made to collect their garbage and do not shrink any
 * more. For systems that collect on SIGUSR2.
 */
export const settledMemory = async ({ process: { tree } }: Verbatim): Promise<number> => {
  const own = tree.living().filter(isNode);
  const memory = (): number => own.reduce((sum, pid) => sum + memoryOf(pid), 0) * MB_PER_MIB;
  let lowest = Infinity;
  for (let looks = 0; looks < PATIENCE; looks += 1) {
    for (const pid of own) signal(pid, 'SIGUSR2');
    await pause(LOOK_EVERY_MS);
    const now = memory();
    if (now > lowest - AT_REST_MB) break;
    lowest = now;
  }
  return Math.min(lowest, memory());
};

const isNode = (pid: number): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === process.execPath;
  } catch {
    return false;
  }
};
