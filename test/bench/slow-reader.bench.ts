import { planOf, register, startForLoad } from './delivery.bench.js';
import type { DeliveryOptions } from './delivery.bench.js';
import { FlowBot } from './flow/flow-bot.js';
import { printTable, say } from './harness/results.js';
import { runLoad } from './load/run-load.js';
import type { Measured } from './load/run-load.js';
import { waitFor } from '../support/wait-for.js';

/** The same load without and with one more bot that does not read; then that one reads on. */
export const slowReader = async (options: DeliveryOptions): Promise<object> => {
  const { system, stop } = await startForLoad();
  try {
    const bots = await register(system, options);
    const channel = bots[0]!.channel;
    const key = await system.createBot('paused');
    await system.addMember(channel, 'paused');
    const plan = planOf(system.url, bots, options);
    const pids = (): readonly number[] => system.process.tree.living();
    // The first load warms the system up: its memory grows whatever is done.
    await runLoad(plan, pids);
    const without = await runLoad(plan, pids);
    const reader = new FlowBot(system.url, key, channel);
    await reader.come();
    reader.socket.io.engine.once(
      'close',
      () => void reader.socket.once('disconnect', () => reader.socket.connect()),
    );
    reader.pause();
    const beside = await runLoad(plan, pids);
    const last = new FlowBot(system.url, key, channel, { consumer: 'last' });
    await last.come();
    reader.resume();
    await waitFor('the paused bot to be level', () => reader.seen >= last.seen, 60_000);
    printTable('One bot that does not read', Object.entries({ without, beside }).map(rowOf));
    say(
      `it read on: ${reader.received} received, ${reader.wrong} out of place, told ${reader.notices.join(', ')}`,
    );
    last.socket.disconnect();
    reader.socket.disconnect();
    return { without, beside, received: reader.received, wrong: reader.wrong };
  } finally {
    await stop();
  }
};

const rowOf = ([run, { load, usage }]: [string, Measured]) => ({
  run,
  ...load.delivery,
  'gateway MiB': usage.find(({ process }) => process === 'Verbatim')?.rssMiB ?? 0,
  gaps: load.gaps,
  repeats: load.repeats,
});
