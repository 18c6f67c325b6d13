import { startRoles } from '#libs/harness/system/roles.js';
import { waitFor } from '#libs/harness/wait-for.js';
import { planOf, register } from './delivery.bench.js';
import type { DeliveryOptions } from './delivery.bench.js';
import { FlowBot } from './flow/flow-bot.js';
import { MemoryWatch } from './harness/memory-watch.js';
import { printTable, say } from './harness/results.js';
import { runLoad } from '#libs/harness/load/run-load.js';
import type { LoadPlan, LoadResult } from '#libs/harness/load/load-plan.js';

type Run = Readonly<{ load: LoadResult; peakMiB: number }>;

/** The same load without and with one more bot, in all channels, that does not read; then that one reads on. */
export const slowReader = async (options: DeliveryOptions): Promise<object> => {
  const env = { VERBATIM_RATE_LIMIT: '1000000', VERBATIM_RATE_BURST: '1000000' };
  const roles = await startRoles({ gateways: 1, admins: 1, env });
  try {
    const { api, process } = roles.gateways[0]!;
    const bots = await register(api, options);
    const channels = [...new Set(bots.map(({ channel }) => channel))];
    const key = await api.createBot('paused');
    for (const channel of channels) await api.addMember(channel, 'paused');
    const plan = planOf(api.url, bots, options);
    // The first load warms the gateway up: its memory grows whatever is done.
    await runLoad(plan, () => []);
    const without = await run(plan, process.pid);
    const reader = new FlowBot(api.url, key, channels);
    await reader.come();
    const resume = reader.pause();
    const beside = await run(plan, process.pid);
    const last = new FlowBot(api.url, key, channels, 'last');
    await last.come();
    const closed = !reader.socket.connected;
    resume();
    // Its heartbeat failed meanwhile: the connection ends, and it comes back.
    await waitFor('the end of the paused connection', () => !reader.socket.connected, 60_000);
    await reader.come();
    const level = channels.every((channel) => reader.seen.get(channel) === last.seen.get(channel));
    printTable('One bot that does not read', Object.entries({ without, beside }).map(rowOf));
    say(
      `it came back: ${reader.received} received, ${reader.wrong} out of place, ${level ? 'level' : 'NOT LEVEL'}, ` +
        `told ${[...new Set(reader.notices)].join(', ') || 'nothing'}${closed ? ', closed while it slept' : ''}`,
    );
    last.socket.disconnect();
    reader.socket.disconnect();
    return { without, beside, received: reader.received, wrong: reader.wrong, level };
  } finally {
    await roles.remove();
  }
};

const run = async (plan: LoadPlan, pid: number): Promise<Run> => {
  const memory = new MemoryWatch(pid);
  try {
    const { load } = await runLoad(plan, () => []);
    return { load, peakMiB: memory.peakMiB };
  } finally {
    memory.stop();
  }
};

const rowOf = ([name, { load, peakMiB }]: [string, Run]) => ({
  run: name,
  ...load.delivery,
  'gateway MiB at most': peakMiB,
  gaps: load.gaps,
  repeats: load.repeats,
});
