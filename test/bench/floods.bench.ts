import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { TestBot } from '#libs/harness/bots/test-bot.js';
import { runLoad } from '#libs/harness/load/run-load.js';
import type { LoadResult } from '#libs/harness/load/load-plan.js';
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
const CHANNEL = 'flooded';

/** What well-behaved bots notice of each flood, and what is left of it in memory. */
export const floods = async (options: DeliveryOptions): Promise<object> => {
  const roles = await startRoles({ gateways: 1, admins: 1, env: { NODE_OPTIONS: COLLECTING } });
  try {
    const { api, process } = roles.gateways[0]!;
    const plan = planOf(api.url, await register(api, options), options);
    const target = await targetIn(api);
    const load = async (): Promise<LoadResult> => (await runLoad(plan, () => [])).load;
    await load();
    const rows: Row[] = [];
    for (const [flood, begin] of Object.entries(FLOODS)) {
      const before = await collectedMemoryOf(process.pid);
      const without = await load();
      const end = begin(target);
      const during = await load().finally(end);
      await pause(CALM_MS);
      rows.push(rowOf(flood, without, during, { before, after: await collectedMemoryOf(process.pid) }));
      say(JSON.stringify(rows.at(-1)));
    }
    printTable('Acknowledgements to others (p99, ms), memory of the gateway (MiB)', rows);
    return { rows };
  } finally {
    await roles.remove();
  }
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

const rowOf = (
  flood: string,
  without: LoadResult,
  during: LoadResult,
  { before, after }: Readonly<{ before: number; after: number }>,
): Row => ({
  flood,
  without: without.acknowledgement.p99,
  during: during.acknowledgement.p99,
  ratio: (during.acknowledgement.p99 / without.acknowledgement.p99).toFixed(2),
  'MiB before': Math.round(before),
  'MiB after': Math.round(after),
  lost: during.gaps + during.undelivered + during.unanswered,
  repeats: during.repeats,
  disconnects: during.disconnects,
});
