import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '#tools/harness/measure/process-usage.js';

/** NODE_OPTIONS for a server whose memory is measured without its garbage. */
export const COLLECTING = `--import ${new URL('../../../tools/harness/measure/collect-on-signal.process.js', import.meta.url).href}`;

/**
 * How long to wait for the collection, and for the freed memory to be given back, which happens while the process
 * works.
 */
const COLLECT_MS = 6_000;
const LOOK_EVERY_MS = 250;

/**
 * Resolves with the memory in MiB after a forced garbage collection: the lowest that is seen in the seconds that
 * follow. The process must have been started with {@link COLLECTING}.
 */
export const collectedMemoryOf = async (pid: number): Promise<number> => {
  process.kill(pid, 'SIGUSR2');
  let lowest = Infinity;
  for (const until = performance.now() + COLLECT_MS; performance.now() < until; await pause(LOOK_EVERY_MS))
    lowest = Math.min(lowest, memoryOf(pid).rssMiB);
  return lowest;
};
