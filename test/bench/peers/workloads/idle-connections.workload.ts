import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '#tools/harness/measure/process-usage.js';
import type { RunningSystem } from '../systems/system.js';
import { NOTHING_WRONG, range, spreadOver, type Workload } from './workload.js';

const [BOTS, CHANNELS] = [1_000, 100];
/** Time to write what a connection causes, and to give back what it needed only for a moment. */
const SETTLE_MS = 10_000;

export const idleConnections: Workload = {
  name: 'idle connections',
  title: `${BOTS.toLocaleString('en')} bots in ${CHANNELS} channels that do nothing`,
  guests: spreadOver(BOTS, CHANNELS),
  headlines: ['kibPerConnection'],
  once: true,
  suits: ({ takesLoad }) => takesLoad,
  async run({ system, generator }) {
    await pause(SETTLE_MS);
    const before = memoryMiB(system);
    await generator.tell('connect', range(0, BOTS));
    await pause(SETTLE_MS);
    const kibPerConnection = ((memoryMiB(system) - before) * 1_024) / BOTS;
    return { figures: { kibPerConnection, memory: memoryMiB(system) }, verdict: NOTHING_WRONG };
  },
};

const memoryMiB = (system: RunningSystem): number =>
  system.pids().reduce((sum, pid) => sum + memoryOf(pid).rssMiB, 0);
