import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStore } from '#libs/event-store/event-store.js';
import { messagesStream } from '#libs/domain/stream-names.js';
import { planOf, register } from './delivery.bench.js';
import type { DeliveryOptions } from './delivery.bench.js';
import { fillChannel } from './fill-log.js';
import { printTable, say } from './harness/results.js';
import { deliveryOf, timedLoad } from './harness/timed-load.js';
import { receiveBacklog } from './load/receive-backlog.js';
import { startRoles } from '#tools/harness/system/roles.js';

const WARM_UP_MS = 6_000;

/** Measures a bot with a long backlog, next to the raw read of the store's client, and what other bots notice of it. */
export const replay = async (options: DeliveryOptions & { backlog: number }): Promise<object> => {
  const env = { VERBATIM_RATE_LIMIT: '1000000', VERBATIM_RATE_BURST: '1000000' };
  const roles = await startRoles({ gateways: 1, admins: 1, env });
  const store = new EventStore({ connectionString: roles.eventStoreUrl });
  const client = EventStoreDBClient.connectionString(roles.eventStoreUrl);
  try {
    const { api } = roles.gateways[0]!;
    const channel = 'behind';
    await api.createChannel(channel);
    const reader = { bot: 'reader', channel, key: await api.createBot('reader'), messages: options.backlog };
    await api.addMember(channel, 'reader');
    await fillChannel(store, { channel, bot: 'reader' }, options.backlog);
    const receive = (): Promise<number> => receiveBacklog(api.url, reader, options.backlog);
    const pairs: { raw: number; delivered: number }[] = [];
    for (let round = 0; round < 4; round += 1) {
      const raw = options.backlog / ((await readRaw(client, channel)) / 1_000);
      const delivered = options.backlog / ((await receive()) / 1_000);
      pairs.push({ raw: Math.round(raw), delivered: Math.round(delivered) });
    }
    printTable(
      `A backlog of ${options.backlog} messages, events/s`,
      pairs.map(({ raw, delivered }) => ({ raw, delivered, ratio: (delivered / raw).toFixed(2) })),
    );
    const bots = await register(api, options);
    const plan = planOf(api.url, bots, options);
    const without = await timedLoad(plan);
    const ended = new AbortController();
    const replaying = replayUntil(ended.signal, receive);
    const beside = await timedLoad(plan);
    ended.abort();
    const replays = await replaying;
    printTable('Delivery to live bots (ms)', [
      { run: 'without', ...deliveryOf(without) },
      { run: 'beside a replay', ...deliveryOf(beside) },
    ]);
    say(`${replays} replays meanwhile`);
    return { pairs, without, beside, replays };
  } finally {
    await client.dispose();
    await store.close();
    await roles.remove();
  }
};

/** Replays again and again, once the load is warm. @returns how often */
const replayUntil = async (ended: AbortSignal, receive: () => Promise<number>): Promise<number> => {
  await pause(WARM_UP_MS);
  let replays = 0;
  for (; !ended.aborted; replays += 1) await receive();
  return replays;
};

/** Reads with the store's own client, which decodes what it reads. */
const readRaw = async (client: EventStoreDBClient, channel: string): Promise<number> => {
  const began = performance.now();
  for await (const _ of client.readStream(messagesStream(channel)));
  return performance.now() - began;
};
