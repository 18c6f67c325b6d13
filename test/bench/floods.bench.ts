import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { runLoad } from '#tools/harness/load/run-load.js';
import type { Measured } from '#tools/harness/load/run-load.js';
import { median } from '#tools/harness/measure/statistics.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { planOf, register } from './delivery.bench.js';
import type { DeliveryOptions } from './delivery.bench.js';
import { FLOODS } from './floods/floods.js';
import type { Target } from './floods/floods.js';
import { startSink } from './floods/sink.js';
import { COLLECTING, collectedMemoryOf } from './harness/collected-memory.js';
import { printTable, say } from './harness/results.js';
import type { Row } from './harness/results.js';

/** Milliseconds for connections to close, and for what was charged to be paid back. */
const CALM_MS = 15_000;
/** Milliseconds for the bots to connect. The load warms up for longer than that. */
const CONNECTING_MS = 3_000;
const CHANNEL = 'flooded';
/**
 * The largest allowed ratios, during or after a flood to before: of the time of others' acknowledgements, and of
 * memory.
 */
const TARGETS = { acknowledgement: 1.2, memory: 1.1 };

const ownPid = process.pid;

/**
 * Measures what well-behaved bots notice of each flood, and what is left of it in memory. `only` selects floods by a
 * part of their name.
 */
export const floods = async (
  options: DeliveryOptions & Readonly<{ only: string; runs: number }>,
): Promise<object> => {
  const roles = await startRoles({ gateways: 1, admins: 1, env: { NODE_OPTIONS: COLLECTING } });
  const sink = await startSink();
  try {
    const { api, process } = roles.gateways[0]!;
    const plan = planOf(api.url, await register(api, options), options);
    const target = await targetIn(api);
    // This process makes the flood. On a small machine its own work is part of what others notice.
    const load = () => runLoad(plan, () => [process.pid, ownPid]);
    await load();
    const rows: Row[] = [];
    for (const [flood, begin] of Object.entries(FLOODS)) {
      if (!flood.includes(options.only)) continue;
      const before = await collectedMemoryOf(process.pid);
      const without: Measured[] = [];
      const control: Measured[] = [];
      const during: Measured[] = [];
      for (let run = 0; run < options.runs; run += 1) {
        without.push(await load());
        control.push(await loadDuring(load, () => begin({ ...target, url: sink.url })));
        during.push(await loadDuring(load, () => begin(target)));
        await pause(CALM_MS);
      }
      const after = await collectedMemoryOf(process.pid);
      rows.push(rowOf(flood, { without, control, during }, { before, after }));
      say(JSON.stringify(rows.at(-1)));
    }
    const what = 'Acknowledgements to others (p99, ms), CPU (%) and memory (MiB) of the gateway';
    printTable(`${what}: medians of ${options.runs} runs without and during, in turns`, rows);
    say(rows.every((row) => row['missed'] === '') ? 'every target was met' : 'not every target was met');
    return { rows };
  } finally {
    sink.stop();
    await roles.remove();
  }
};

/**
 * Runs the load with a flood. The bots connect first, because the flood may leave no room for newcomers from the same
 * address.
 */
const loadDuring = async (load: () => Promise<Measured>, begin: () => () => void): Promise<Measured> => {
  const measured = load();
  await Promise.race([measured, pause(CONNECTING_MS)]);
  const end = begin();
  return measured.finally(end);
};

const targetIn = async (api: VerbatimApi): Promise<Target> => {
  const key = await api.createBot('flooder');
  await api.createChannel(CHANNEL);
  await api.addMember(CHANNEL, 'flooder');
  const writer = await TestBot.connect(api.url, { key });
  const body = 'x'.repeat(10_000);
  for (let n = 0; n < 200; n += 1) await writer.must('post', { id: uuidv7(), channel: CHANNEL, body });
  writer.close();
  return { url: api.url, key, channel: CHANNEL };
};

/** Returns the median, which a run with a stalled disk does not change. */
const medianOf = (runs: readonly Measured[], figure: (run: Measured) => number): number =>
  median(runs.map(figure));

const cpuOf =
  (name: string) =>
  ({ usage }: Measured): number =>
    usage.find(({ process }) => process === name)?.cpuPercent ?? 0;

const p99Of = ({ load }: Measured): number => load.acknowledgement.p99;

const sumOf = (runs: readonly Measured[], count: (load: Measured['load']) => number): number =>
  runs.reduce((sum, { load }) => sum + count(load), 0);

const rowOf = (
  flood: string,
  { without, control, during }: Readonly<Record<'without' | 'control' | 'during', readonly Measured[]>>,
  { before, after }: Readonly<{ before: number; after: number }>,
): Row => {
  const ratio = medianOf(during, p99Of) / medianOf(without, p99Of);
  const lost = sumOf(during, ({ gaps, undelivered, unanswered }) => gaps + undelivered + unanswered);
  const repeats = sumOf(during, (load) => load.repeats);
  const disconnects = sumOf(during, (load) => load.disconnects);
  const missed = [
    ratio > TARGETS.acknowledgement && 'time',
    after / before > TARGETS.memory && 'memory',
    lost + repeats + disconnects > 0 && 'exactness',
  ];
  return {
    flood,
    without: medianOf(without, p99Of),
    // The same flood against a process that does nothing: the share of the machine alone.
    control: medianOf(control, p99Of),
    during: medianOf(during, p99Of),
    'to control': (medianOf(during, p99Of) / medianOf(control, p99Of)).toFixed(2),
    ratio: ratio.toFixed(2),
    'CPU without': medianOf(without, cpuOf('Verbatim')),
    'CPU during': medianOf(during, cpuOf('Verbatim')),
    'CPU of the flood': medianOf(during, cpuOf('node')),
    'MiB before': Math.round(before),
    'MiB after': Math.round(after),
    lost,
    repeats,
    disconnects,
    missed: missed.filter(Boolean).join(', '),
  };
};
