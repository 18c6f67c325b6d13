import { printTable, say } from './harness/results.js';
import { startSystem } from './harness/system.js';
import type { LoadPlan } from '#tools/harness/load/load-plan.js';
import { runLoad } from '#tools/harness/load/run-load.js';
import { startBareServer } from './load/bare-server.js';
import type { Measured } from '#tools/harness/load/run-load.js';
import { makeHome } from '#tools/harness/system/home.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';

export type DeliveryOptions = Readonly<{
  bots: number;
  channels: number;
  rate: number;
  seconds: number;
  pipeline: number;
}>;

const WARM_UP_SECONDS = 5;

/** Measures the same load on bare Socket.IO and on a whole Verbatim, one after the other. */
export const delivery = async (options: DeliveryOptions): Promise<object> => {
  say(
    `${options.bots} bots in ${options.channels} channels, ${options.rate || 'as many as are answered'} messages/s, ${options.seconds} s each`,
  );
  const bare = await measureBare(options);
  const verbatim = await measureVerbatim(options);
  const measured = { 'bare Socket.IO': bare, Verbatim: verbatim };
  printTable('Latency (ms)', latencies(measured, options));
  printTable('Exactness', Object.entries(measured).map(exactness));
  printTable(
    'Processes',
    Object.entries(measured).flatMap(([run, { usage }]) => usage.map((one) => ({ run, ...one }))),
  );
  return measured;
};

const measureBare = async (options: DeliveryOptions): Promise<Measured> => {
  const server = await startBareServer();
  try {
    const bots = channelsOf(options).map((channel) => ({ auth: { channel }, channel }));
    return await runLoad(planOf(server.url, bots, options), () => [server.pid]);
  } finally {
    server.stop();
  }
};

const measureVerbatim = async (options: DeliveryOptions): Promise<Measured> => {
  const { system, stop } = await startForLoad();
  try {
    const bots = await register(system, options);
    return await runLoad(planOf(system.url, bots, options), () => system.process.tree.living());
  } finally {
    await stop();
  }
};

/** Starts all roles without rate limits for bots, because a flood is meant to find the limit of the server. */
export const startForLoad = async (): Promise<Readonly<{ system: Verbatim; stop(): Promise<void> }>> => {
  const home = await makeHome();
  const { system } = await startSystem(home, {
    VERBATIM_RATE_LIMIT: '1000000',
    VERBATIM_RATE_BURST: '1000000',
  });
  const stop = async (): Promise<void> => {
    await system.stopSystem();
    for (const warning of warningsIn(system)) say(warning);
    await home.remove();
  };
  return { system, stop };
};

const warningsIn = (system: Verbatim): string[] =>
  system
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .slice(0, 20);

/** Returns the channel of each bot. The bots are spread evenly. */
const channelsOf = ({ bots, channels }: Pick<DeliveryOptions, 'bots' | 'channels'>): string[] =>
  Array.from({ length: bots }, (_, index) => `bench-${index % channels}`);

/** Makes the bots and their channels. */
export const register = async (
  system: VerbatimApi,
  options: Pick<DeliveryOptions, 'bots' | 'channels'>,
): Promise<LoadPlan['bots']> => {
  const channels = channelsOf(options);
  for (const channel of new Set(channels)) await system.createChannel(channel);
  const bots: { auth: object; channel: string }[] = [];
  for (const [index, channel] of channels.entries()) {
    const key = await system.createBot(`bot-${index}`);
    await system.addMember(channel, `bot-${index}`);
    bots.push({ auth: { key, resume: 'now' }, channel });
  }
  return bots;
};

export const planOf = (
  url: string,
  bots: LoadPlan['bots'],
  { rate, seconds, pipeline }: DeliveryOptions,
): LoadPlan => ({ url, bots, rate, seconds, pipeline, warmUpSeconds: WARM_UP_SECONDS, bodyBytes: 100 });

const latencies = (measured: Readonly<Record<string, Measured>>, { seconds }: DeliveryOptions) =>
  Object.entries(measured).flatMap(([run, { load }]) => [
    { run, what: 'delivery', ...load.delivery, 'per second': Math.round(load.delivery.samples / seconds) },
    {
      run,
      what: 'acknowledgement',
      ...load.acknowledgement,
      'per second': Math.round(load.acknowledgement.samples / seconds),
    },
    { run, what: 'lateness of sending', ...load.lateness },
  ]);

const exactness = ([run, { load }]: [string, Measured]) => ({
  run,
  sent: load.sent,
  acknowledged: load.acknowledged,
  errors: JSON.stringify(load.refused),
  disconnects: load.disconnects,
  gaps: load.gaps,
  repeats: load.repeats,
  undelivered: load.undelivered,
});
