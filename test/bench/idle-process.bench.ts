import { setTimeout as pause } from 'node:timers/promises';
import { UsageMeter } from '#tools/harness/measure/process-usage.js';
import { wakeUpsOf } from '#tools/harness/measure/wake-ups.js';
import { makeHome } from '#tools/harness/system/home.js';
import { printTable } from './harness/results.js';
import { startSystem } from './harness/system.js';

export type IdleProcessOptions = Readonly<{ seconds: number }>;

/** Time for a started system to write what it owes the log, and for V8 to compile and collect what the start left. */
const SETTLE_MS = 60_000;

const share = (percent: number): number => Math.round(percent * 100) / 100;

/** Measures what a started system costs that nobody uses: the CPU time and the wake-ups of all its processes. */
export const idleProcess = async ({ seconds }: IdleProcessOptions): Promise<object> => {
  const home = await makeHome();
  const { system } = await startSystem(home);
  try {
    await pause(SETTLE_MS);
    const living = (): readonly number[] => system.process.tree.living();
    const meter = new UsageMeter(living);
    const wokenBefore = wakeUpsOf(living());
    meter.start();
    await pause(seconds * 1_000);
    const usage = meter.lap();
    const wakeUps = (wakeUpsOf(living()) - wokenBefore) / seconds;
    const total = usage.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
    printTable(`An idle process, ${seconds} s`, [
      ...usage.map(({ process, processes, cpuPercent }) => ({
        process,
        processes,
        '% of a core': share(cpuPercent),
      })),
      {
        process: 'all',
        processes: usage.reduce((sum, { processes }) => sum + processes, 0),
        '% of a core': share(total),
      },
    ]);
    printTable('Wake-ups', [{ process: 'all', 'a second': Math.round(wakeUps) }]);
    return { usage, cpuPercent: share(total), wakeUps };
  } finally {
    await system.stopSystem();
    await home.remove();
  }
};
