import { makeHome } from '#tools/harness/system/home.js';
import { filledHome } from './filled-home.js';
import type { FilledHome } from './filled-home.js';
import { printTable, say } from './harness/results.js';
import { median, round } from '#tools/harness/measure/statistics.js';
import { startSystem } from './harness/system.js';
import { receiveBacklog } from './load/receive-backlog.js';

export type StartOptions = Readonly<{
  /** The folder that keeps the filled logs for the next run. */
  keep: string;
  runs: number;
  small: number;
  large: number;
}>;

const BACKLOG = 1_000;
/**
 * How many channels are measured after each start. Each is measured for the first time, so that no ring holds its
 * messages.
 */
const CHANNELS_A_RUN = 8;

/** Measures how long a start takes, and whether a start or a backlog depends on the size of the log. */
export const start = async ({ keep, runs, small, large }: StartOptions): Promise<object> => {
  const empty = await startsOfAnEmptyFolder(runs);
  const logs = {
    [small]: await filledHome(keep, small, 8),
    [large]: await filledHome(keep, large, 100),
  };
  const starts: Record<string, number[]> = { [small]: [], [large]: [] };
  const backlogs: Record<string, number[]> = { [small]: [], [large]: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const [size, filled] of Object.entries(logs)) {
      const measured = await measureOnce(filled, run);
      starts[size]!.push(measured.readyMs);
      backlogs[size]!.push(...measured.backlogMs);
    }
  }
  printTable('From the start of the process to health 200 (ms)', [
    rowOf('empty folder, first start', empty.first),
    rowOf('empty folder, second start', empty.second),
    ...Object.entries(starts).map(([size, samples]) => rowOf(`${size} messages in the log`, samples)),
  ]);
  printTable(
    `A backlog of ${BACKLOG} messages, from connecting to the last one (ms)`,
    Object.entries(backlogs).map(([size, samples]) => rowOf(`${size} messages in the log`, samples)),
  );
  const ratio = round(median(backlogs[large]!) / median(backlogs[small]!));
  say(`ratio of the backlogs' medians: ${ratio}`);
  return { empty, starts, backlogs, ratio };
};

const startsOfAnEmptyFolder = async (runs: number): Promise<{ first: number[]; second: number[] }> => {
  const [first, second]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    const home = await makeHome();
    for (const samples of [first, second]) {
      const { system, readyMs } = await startSystem(home);
      samples.push(readyMs);
      await system.stopSystem();
    }
    await home.remove();
  }
  return { first, second };
};

const measureOnce = async (
  { home, readers }: FilledHome,
  run: number,
): Promise<{ readyMs: number; backlogMs: number[] }> => {
  const { system, readyMs } = await startSystem(home);
  const backlogMs: number[] = [];
  for (let index = 0; index < CHANNELS_A_RUN; index += 1) {
    const reader = readers[(run * CHANNELS_A_RUN + index) % readers.length]!;
    backlogMs.push(await receiveBacklog(system.url, reader, BACKLOG));
  }
  await system.stopSystem();
  return { readyMs, backlogMs };
};

const rowOf = (what: string, samples: readonly number[]) => ({
  what,
  samples: samples.length,
  median: round(median(samples), 1),
  min: round(Math.min(...samples), 1),
  max: round(Math.max(...samples), 1),
});
