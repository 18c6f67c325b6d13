import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { UsageMeter } from '#tools/harness/measure/process-usage.js';
import { NOTHING_WRONG, type Workload } from './workload.js';

/** What a start leaves behind is not measured. */
const SETTLE_MS = 10_000;
const SECONDS = 20;

export const idleProcess: Workload = {
  name: 'idle process',
  title: 'a started system that nobody uses',
  guests: [],
  headlines: ['idleCpu', 'wakeUps', 'memory'],
  once: true,
  suits: () => true,
  async run({ system }) {
    await pause(SETTLE_MS);
    const meter = new UsageMeter(() => system.pids());
    meter.start();
    const before = wakeUpsOf(system.pids());
    await pause(SECONDS * 1_000);
    const wakeUps = (wakeUpsOf(system.pids()) - before) / SECONDS;
    const usage = meter.lap();
    const idleCpu = usage.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
    const memory = usage.reduce((sum, { rssMiB }) => sum + rssMiB, 0);
    return { figures: { idleCpu, wakeUps, memory }, verdict: NOTHING_WRONG };
  },
};

/** How often all threads of these processes have waited and gone on, since they were started. */
const wakeUpsOf = (pids: readonly number[]): number =>
  pids
    .flatMap((pid) => threadsOf(pid).map((thread) => `/proc/${pid}/task/${thread}/status`))
    .reduce((sum, file) => sum + waitsIn(file), 0);

const threadsOf = (pid: number): readonly string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has just ended
  }
};

const waitsIn = (file: string): number => {
  try {
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has just ended
  }
};
