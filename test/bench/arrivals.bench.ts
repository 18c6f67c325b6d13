import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { planOf, register, startForLoad } from './delivery.bench.js';
import type { DeliveryOptions } from './delivery.bench.js';
import { printTable, say } from './harness/results.js';
import type { ArrivalsPlan } from './load/arrivals.process.js';
import { runLoad } from '#tools/harness/load/run-load.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';

const PROCESS = fileURLToPath(new URL('./load/arrivals.process.js', import.meta.url));
const AT_ONCE = 50;
/** How long the load runs before the first arrival, so that it is warm before anything is measured. */
const WARM_MS = 6_000;

/** A channel that every bot is in, so that all hear who comes. Nobody posts there. */
const LOBBY = 'lobby';

/** Measures what live bots notice while thousands of others connect. */
export const arrivals = async (options: DeliveryOptions & { arriving: number }): Promise<object> => {
  const { system, stop } = await startForLoad();
  try {
    const bots = await register(system, options);
    await system.createChannel(LOBBY);
    for (const index of bots.keys()) await system.addMember(LOBBY, `bot-${index}`);
    const keys = await registerMany(system, options.arriving);
    const plan = planOf(system.url, bots, options);
    const pids = (): readonly number[] => system.process.tree.living();
    const before = await runLoad(plan, pids);
    const coming = comeDuring({ url: system.url, keys, atOnce: AT_ONCE });
    const during = await runLoad(plan, pids);
    const { tookMs, presence } = await coming;
    const afterwards = { arrived: keys.length, 'took s': Math.round(tookMs / 100) / 10, presence };
    printTable('Delivery to live bots (ms)', [
      { run: 'without', ...before.load.delivery },
      { run: 'while others come', ...during.load.delivery },
    ]);
    printTable('Processes', [
      ...before.usage.map((one) => ({ run: 'without', ...one })),
      ...during.usage.map((one) => ({ run: 'while others come', ...one })),
    ]);
    say(JSON.stringify(afterwards));
    return { before, during, ...afterwards };
  } finally {
    await stop();
  }
};

const registerMany = async (system: VerbatimApi, count: number): Promise<string[]> => {
  const keys: string[] = [];
  const left = Array.from({ length: count }, (_, index) => `arriving-${index}`).values();
  const inTurn = async (): Promise<void> => {
    for (const bot of left) {
      keys.push(await system.createBot(bot));
      await system.addMember(LOBBY, bot);
    }
  };
  await Promise.all(Array.from({ length: 32 }, inTurn));
  return keys;
};

/** @returns how long it took until all were connected, and how many `presence` events they received until then */
const comeDuring = async (plan: ArrivalsPlan): Promise<{ tookMs: number; presence: number }> => {
  await pause(WARM_MS);
  const child = fork(PROCESS);
  child.send(plan);
  const [{ tookMs }] = (await once(child, 'message')) as [{ tookMs: number }];
  child.send('enough');
  const [{ presence }] = (await once(child, 'message')) as [{ presence: number }];
  return { tookMs, presence };
};
