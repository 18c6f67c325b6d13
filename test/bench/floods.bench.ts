import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { TestBot } from '#libs/harness/bots/test-bot.js';
import { runLoad } from '#libs/harness/load/run-load.js';
import type { Measured } from '#libs/harness/load/run-load.js';
import { startRoles } from '#libs/harness/system/roles.js';
import type { VerbatimApi } from '#libs/harness/system/verbatim-api.js';
import { planOf, register } from './delivery.bench.js';
import type { DeliveryOptions } from './delivery.bench.js';
import { FLOODS } from './floods/floods.js';
import type { Target } from './floods/floods.js';
import { COLLECTING, collectedMemoryOf } from './harness/collected-memory.js';
import { printTable, say } from './harness/results.js';
import type { Row } from './harness/results.js';

/** For connections to be closed, and what was charged to be paid back. */
const CALM_MS = 15_000;
/** For the bots to connect; the load warms up for longer. */
const CONNECTING_MS = 3_000;
const CHANNEL = 'flooded';
/** What others may notice at most, and what may be left in memory: during or after, divided by before. */
const TARGETS = { acknowledgement: 1.2, memory: 1.1 };

const ownPid = process.pid;

/** What well-behaved bots notice of each flood, or of those named so, and what is left of it in memory. */
export const floods = async (options: DeliveryOptions & Readonly<{ only: string }>): Promise<object> => {
  const roles = await startRoles({ gateways: 1, admins: 1, env: { NODE_OPTIONS: COLLECTING } });
  try {
    const { api, process } = roles.gateways[0]!;
    const plan = planOf(api.url, await register(api, options), options);
    const target = await targetIn(api);
    // The flood comes from this process: on a small machine its own work is part of what others notice.
    const load = () => runLoad(plan, () => [process.pid, ownPid]);
    await load();
    const rows: Row[] = [];
    for (const [flood, begin] of Object.entries(FLOODS)) {
      if (!flood.includes(options.only)) continue;
      const before = await collectedMemoryOf(process.pid);
      const without = await load();
      const during = await loadDuring(load, () => begin(target));
      await pause(CALM_MS);
      const after = await collectedMemoryOf(process.pid);
      rows.push(rowOf(flood, without, during, { before, after }));
      say(JSON.stringify(rows.at(-1)));
    }
    printTable('Acknowledgements to others (p99, ms), CPU (%) and memory (MiB) of the gateway', rows);
    say(rows.every((row) => row['missed'] === '') ? 'every target was met' : 'not every target was met');
    return { rows };
  } finally {
    await roles.remove();
  }
};

/** The bots are there before the flood is: who comes from the same address meanwhile may find no room. */
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

const cpuOf = ({ usage }: Measured, name: string): number =>
  usage.find(({ process }) => process === name)?.cpuPercent ?? 0;

const rowOf = (
  flood: string,
  without: Measured,
  during: Measured,
  { before, after }: Readonly<{ before: number; after: number }>,
): Row => {
  const { load } = during;
  const ratio = load.acknowledgement.p99 / without.load.acknowledgement.p99;
  const lost = load.gaps + load.undelivered + load.unanswered;
  const missed = [
    ratio > TARGETS.acknowledgement && 'time',
    after / before > TARGETS.memory && 'memory',
    lost + load.repeats + load.disconnects > 0 && 'exactness',
  ];
  return {
    flood,
    without: without.load.acknowledgement.p99,
    during: load.acknowledgement.p99,
    ratio: ratio.toFixed(2),
    'CPU without': cpuOf(without, 'Verbatim'),
    'CPU during': cpuOf(during, 'Verbatim'),
    'CPU of the flood': cpuOf(during, 'node'),
    'MiB before': Math.round(before),
    'MiB after': Math.round(after),
    lost,
    repeats: load.repeats,
    disconnects: load.disconnects,
    missed: missed.filter(Boolean).join(', '),
  };
};
