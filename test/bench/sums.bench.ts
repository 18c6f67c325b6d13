import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient } from '@eventstore/db-client';
import { median, round } from '#tools/harness/measure/statistics.js';
import { printTable, say, type Row } from './harness/results.js';
import { fill } from './store/appends.js';
import { rawReadRate } from './store/reads.js';
import { ServerProcess } from './store/store-process.js';

export type SumsOptions = Readonly<{ events: number; bytes: number; runs: number }>;

const WITHOUT = fileURLToPath(new URL('../../../test/bench/store/without-sums.mjs', import.meta.url));

/**
 * Measures what it costs that every read checks the sum of each event. The same events are read with and without, in
 * turn.
 */
export const sums = async ({ events, bytes, runs }: SumsOptions): Promise<object> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-sums-bench-'));
  try {
    const [one, other] = [join(folder, 'checked'), join(folder, 'unchecked')];
    await fillFolder(one, events, bytes);
    await cp(one, other, { recursive: true });
    return await compare(
      await ServerProcess.store(one),
      await ServerProcess.store(other, [`--import=${WITHOUT}`]),
      runs,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const fillFolder = async (dataDir: string, events: number, bytes: number): Promise<void> => {
  const server = await ServerProcess.store(dataDir);
  const client = EventStoreDBClient.connectionString(server.connectionString);
  await fill(client, events, bytes);
  await client.dispose();
  await server.stop();
};

const compare = async (checked: ServerProcess, unchecked: ServerProcess, runs: number): Promise<object> => {
  const rates: { with: number[]; without: number[] } = { with: [], without: [] };
  // Two runs go unmeasured, because both are compiled while they run. After that, they take turns in going first.
  for (let run = -2; run < runs; run += 1) {
    const turns = [
      ['with', checked],
      ['without', unchecked],
    ] as const;
    for (const [which, { port }] of run % 2 === 0 ? turns : turns.toReversed()) {
      const rate = await rawReadRate(port);
      if (run >= 0) rates[which].push(rate);
    }
  }
  await Promise.all([checked.stop(), unchecked.stop()]);
  const ratio = median(rates.with) / median(rates.without);
  printTable('Read of $all, not decoded', [
    row('sums checked', rates.with),
    row('not checked', rates.without),
  ]);
  say(`ratio of the medians: ${round(ratio, 3)}\n`);
  return { rates, ratio };
};

const row = (what: string, all: readonly number[]): Row => ({
  what,
  'events/s': round(median(all), 0),
  from: round(Math.min(...all), 0),
  to: round(Math.max(...all), 0),
});
