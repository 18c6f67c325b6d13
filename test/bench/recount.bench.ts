import { EventStore } from '#libs/event-store/event-store.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { PROJECTIONS } from '#libs/projections/projections.js';
import { planOf, register } from './delivery.bench.js';
import type { DeliveryOptions } from './delivery.bench.js';
import { fillChannel } from './fill-log.js';
import { printTable, say } from './harness/results.js';
import { deliveryOf, timedLoad } from './harness/timed-load.js';

const FILLED = ['full-1', 'full-2', 'full-3', 'full-4'];
const LEVEL_MS = 600_000;
const HOUR_MS = 3_600_000;

type Projections = readonly Readonly<{
  name: string;
  lagMs: number;
  status: string;
  compared?: Readonly<{ at: string }>;
}>[];

/**
 * Measures what live bots notice while all read models are compared with a log of this many messages, in one process
 * with all roles.
 */
export const recount = async (options: DeliveryOptions & { messages: number }): Promise<object> => {
  const env = {
    VERBATIM_RATE_LIMIT: '1000000',
    VERBATIM_RATE_BURST: '1000000',
    VERBATIM_RECOUNT_MINUTES: '0',
  };
  const roles = await startRoles({ wholes: 1, env });
  const store = new EventStore({ connectionString: roles.eventStoreUrl });
  try {
    const { api } = roles.wholes[0]!;
    await fill(api, store, options.messages);
    const plan = planOf(api.url, await register(api, options), options);
    const without = await timedLoad(plan);
    const began = Date.now();
    for (const { name } of PROJECTIONS) await api.request('POST', `/v1/projections/${name}/recount`);
    const beside = await timedLoad(plan);
    const ended = await areCompared(api, began);
    printTable('Delivery to live bots (ms)', [
      { run: 'without', ...deliveryOf(without) },
      { run: 'while read models are recounted', ...deliveryOf(beside) },
    ]);
    say(ended ? 'recounts ended before the load' : 'recounts went on after the load');
    await waitFor('recounts to end', () => areCompared(api, began), HOUR_MS, 1_000);
    const took = (await stateOf(api)).map(({ name, compared }) => ({
      name,
      'compared after s': Math.round((Date.parse(compared!.at) - began) / 1_000),
    }));
    printTable(`One after another, ${options.messages} messages and those of the load`, took);
    return { without, beside, ended, took };
  } finally {
    await store.close();
    await roles.remove();
  }
};

const fill = async (api: VerbatimApi, store: EventStore, messages: number): Promise<void> => {
  const bot = 'filler';
  await api.createBot(bot);
  for (const channel of FILLED) {
    await api.createChannel(channel);
    await api.addMember(channel, bot);
  }
  const each = Math.floor(messages / FILLED.length);
  await Promise.all(FILLED.map((channel) => fillChannel(store, { channel, bot }, each)));
  await waitFor('read models to be level', async () => (await stateOf(api)).every(isLevel), LEVEL_MS, 500);
};

const isLevel = ({ status, lagMs }: Projections[number]): boolean => status === 'live' && lagMs < 1_000;

/** Whether all read models were compared since this time. */
const areCompared = async (api: VerbatimApi, since: number): Promise<boolean> =>
  (await stateOf(api)).every(({ compared }) => compared !== undefined && Date.parse(compared.at) > since);

const stateOf = async (api: VerbatimApi): Promise<Projections> =>
  (await api.request('GET', '/v1/projections')).body['items'] as Projections;
