import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { startForLoad } from './delivery.bench.js';
import { FlowBot } from './flow/flow-bot.js';
import { printTable } from './harness/results.js';

export type ReconnectOptions = Readonly<{ bots: number; channels: number; rate: number; runs: number }>;

const CUT_MS = 5_000;

/**
 * Cuts all bots at once while messages go on, and reconnects all at once. Measures how long until the last one has
 * caught up.
 */
export const reconnect = async ({ bots, channels, rate, runs }: ReconnectOptions): Promise<object> => {
  const { system, stop } = await startForLoad();
  try {
    const names = Array.from({ length: channels }, (_, index) => `cut-${index}`);
    for (const channel of names) await system.createChannel(channel);
    const make = async (bot: string, channel: string): Promise<FlowBot> => {
      const key = await system.createBot(bot);
      await system.addMember(channel, bot);
      return new FlowBot(system.url, key, [channel]);
    };
    const all: FlowBot[] = [];
    for (let index = 0; index < bots; index += 1)
      all.push(await make(`bot-${index}`, names[index % channels]!));
    const writers: FlowBot[] = [];
    for (const [index, channel] of names.entries()) writers.push(await make(`writer-${index}`, channel));
    await Promise.all([...all, ...writers].map((bot) => bot.come()));
    const began = performance.now();
    let posted = 0;
    const load = setInterval(() => {
      const due = ((performance.now() - began) * rate) / 1_000;
      for (; posted < due; posted += 1) {
        const at = posted % channels;
        writers[at]!.socket.emit('post', { id: uuidv7(), channel: names[at], body: `message ${posted}` });
      }
    }, 2);
    const rows: { run: number; 'all level after ms': number; missed: number; 'out of place': number }[] = [];
    for (let run = 1; run <= runs; run += 1) {
      await pause(2_000);
      const before = all.reduce((sum, { received }) => sum + received, 0);
      for (const bot of all) bot.cut();
      await pause(CUT_MS);
      const back = performance.now();
      await Promise.all(all.map((bot) => bot.come()));
      rows.push({
        run,
        'all level after ms': Math.round(performance.now() - back),
        missed: all.reduce((sum, { received }) => sum + received, 0) - before,
        'out of place': all.reduce((sum, { wrong }) => sum + wrong, 0),
      });
    }
    clearInterval(load);
    await pause(500);
    for (const bot of [...all, ...writers]) bot.socket.disconnect();
    printTable(`${bots} bots in ${channels} channels back after ${CUT_MS} ms, ${rate} messages/s`, rows);
    return { rows };
  } finally {
    await stop();
  }
};
