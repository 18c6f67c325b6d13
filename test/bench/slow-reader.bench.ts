import { v7 as uuidv7 } from 'uuid';
import { startRoles } from '#tools/harness/system/roles.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { runLoad } from '#tools/harness/load/run-load.js';
import type { LoadPlan } from '#tools/harness/load/load-plan.js';
import { median } from '#tools/harness/measure/statistics.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { planOf, register } from './delivery.bench.js';
import type { DeliveryOptions } from './delivery.bench.js';
import { FlowBot } from './flow/flow-bot.js';
import { COLLECTING } from './harness/collected-memory.js';
import { CollectedWatch, MemoryWatch } from './harness/memory-watch.js';
import { printTable, say } from './harness/results.js';
import { deliveryOf, timedLoad } from './harness/timed-load.js';
import type { TimedLoad } from './harness/timed-load.js';

/** More than the network holds between two processes, so that what comes after it waits in the gateway. */
const FILLING = { channel: 'filling', messages: 1_500, bodyBytes: 10_000, atOnce: 100 };
const WARM_UP_SECONDS = 20;

type Timed = TimedLoad & Readonly<{ peakMiB: number }>;
type Held = Readonly<{ heldMiB: readonly number[] }>;

/**
 * Measures the same load three times: without one more bot, with it, and after it has read on. The bot is in all
 * channels, does not read, and its network is full. The first two are measured twice: unchanged, for latency and peak
 * memory, and with garbage collected every few seconds, for the memory that is held.
 */
export const slowReader = async (options: DeliveryOptions): Promise<object> => {
  const env = {
    VERBATIM_RATE_LIMIT: '1000000',
    VERBATIM_RATE_BURST: '1000000',
    NODE_OPTIONS: COLLECTING,
  };
  const roles = await startRoles({ gateways: 1, admins: 1, env });
  try {
    const { api, process } = roles.gateways[0]!;
    const bots = await register(api, options);
    const plan = planOf(api.url, bots, options);
    const channels = [...new Set(bots.map(({ channel }) => channel)), FILLING.channel];
    const make = await readerIn(api, channels);
    // The first load warms the gateway up, because its memory grows in any case.
    await runLoad({ ...plan, seconds: WARM_UP_SECONDS }, () => []);
    const without = { ...(await timed(plan, process.pid)), ...(await held(plan, process.pid)) };
    const reader = await make();
    const resume = reader.pause();
    await fill(api);
    const beside = { ...(await timed(plan, process.pid)), ...(await held(plan, process.pid)) };
    resume();
    const level = await isLevel(reader, await make('last'), channels);
    const afterwards = await timed(plan, process.pid);
    report({ without, beside, afterwards }, reader, level);
    const { received, wrong } = reader;
    return { without, beside, afterwards, told: told(reader), received, wrong, level };
  } finally {
    await roles.remove();
  }
};

const timed = async (plan: LoadPlan, pid: number): Promise<Timed> => {
  const memory = new MemoryWatch(pid);
  const load = await timedLoad(plan).finally(() => memory.stop());
  return { ...load, peakMiB: memory.peakMiB };
};

const held = async (plan: LoadPlan, pid: number): Promise<Held> => {
  const collected = new CollectedWatch(pid);
  try {
    await runLoad(plan, () => []);
  } finally {
    await collected.stop();
  }
  return { heldMiB: collected.samples };
};

/** Makes the bot, and the channel that fills its network. */
const readerIn = async (api: VerbatimApi, channels: readonly string[]) => {
  const key = await api.createBot('paused');
  await api.createChannel(FILLING.channel);
  for (const channel of channels) await api.addMember(channel, 'paused');
  return async (consumer?: string): Promise<FlowBot> => {
    const bot = new FlowBot(api.url, key, channels, consumer);
    await bot.come();
    return bot;
  };
};

const fill = async (api: VerbatimApi): Promise<void> => {
  const { channel, messages, bodyBytes, atOnce } = FILLING;
  const key = await api.createBot('filler');
  await api.addMember(channel, 'filler');
  const filler = new FlowBot(api.url, key, [channel]);
  await filler.come();
  const body = 'x'.repeat(bodyBytes);
  const post = (): Promise<unknown> => filler.socket.emitWithAck('post', { id: uuidv7(), channel, body });
  for (let sent = 0; sent < messages; sent += atOnce) await Promise.all(Array.from({ length: atOnce }, post));
  filler.socket.disconnect();
};

const isLevel = async (reader: FlowBot, last: FlowBot, channels: readonly string[]): Promise<boolean> => {
  const same = (): boolean =>
    channels.every((channel) => reader.seen.get(channel) === last.seen.get(channel));
  try {
    return await waitFor('the paused bot to be level', same, 120_000);
  } catch {
    return false;
  } finally {
    for (const { socket } of [reader, last]) socket.disconnect();
  }
};

const report = (
  runs: Readonly<Record<string, Timed & Partial<Held>>>,
  reader: FlowBot,
  level: boolean,
): void => {
  printTable('One bot that does not read', Object.entries(runs).map(rowOf));
  const { received, wrong } = reader;
  say(`it reads again: got slow_consumer ${told(reader)} times, ${received} received, ${wrong} out of place`);
  say(level ? 'it has caught up' : 'it has NOT CAUGHT UP');
};

const told = ({ notices }: FlowBot): number => notices.filter((code) => code === 'slow_consumer').length;

const rowOf = ([name, { peakMiB, heldMiB, ...measured }]: [string, Timed & Partial<Held>]) => ({
  run: name,
  ...deliveryOf(measured),
  'gateway MiB at most': peakMiB,
  ...(heldMiB && { 'held, median': median(heldMiB), 'held, at most': Math.max(...heldMiB) }),
  gaps: measured.load.gaps,
  repeats: measured.load.repeats,
});
