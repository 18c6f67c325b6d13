import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { io } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { startBalancer } from '../support/balancer.js';
import type { Balancer } from '../support/balancer.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { RoleServer, Roles } from '#tools/harness/system/roles.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';

type Transports = ('polling' | 'websocket')[];

const CHANNEL = 'shared';
const BOTS = 8;

/** Returns how many connections a gateway counts in its own metrics. */
const connections = async ({ api }: RoleServer): Promise<number> => {
  const { text } = await api.request('GET', '/metrics');
  return Number(/^verbatim_connections (\d+)$/m.exec(text)?.[1]);
};

/** Tests two gateways behind HAProxy, with the configuration that we ship. The tests build on one another. */
describe('two gateways behind HAProxy', () => {
  let roles: Roles;
  let balancer: Balancer;
  const keys: string[] = [];
  const bots: TestBot[] = [];

  beforeAll(async () => {
    const env = { VERBATIM_RATE_LIMIT: '1000' };
    roles = await startRoles({ gateways: 2, projectors: 1, admins: 1, audits: 1, env });
    balancer = await startBalancer(roles);
    await balancer.api.createChannel(CHANNEL);
    for (let index = 0; index < BOTS; index += 1) {
      keys.push(await balancer.api.createBot(`bot-${index}`));
      await balancer.api.addMember(CHANNEL, `bot-${index}`);
    }
  });

  afterAll(async () => {
    for (const bot of bots) bot.close();
    await balancer?.process.kill();
    await roles?.remove();
  });

  const connect = async (index: number, options: Parameters<typeof TestBot.connect>[2] = {}) => {
    const bot = await TestBot.connect(balancer.api.url, { key: keys[index] }, options);
    bots.push(bot);
    return bot;
  };

  const closeAll = (): void => {
    for (const bot of bots.splice(0)) bot.close();
  };

  it('share the bots, and every bot gets every message', async () => {
    const all = await Promise.all(keys.map((_, index) => connect(index)));
    const counts = await Promise.all(roles.gateways.map(connections));
    expect(counts).toEqual([BOTS / 2, BOTS / 2]);
    const seqs = await Promise.all(all.map((bot, index) => bot.say(CHANNEL, `from ${index}`)));
    expect(seqs.toSorted((one, other) => one - other)).toEqual(all.map((_, index) => index));
    for (const bot of all) {
      await bot.untilSeq(CHANNEL, BOTS - 1);
      expect(bot.seqs(CHANNEL)).toEqual(all.map((_, index) => index));
    }
    closeAll();
  });

  it.each([['polling'], ['polling', 'websocket']])(
    'serve a client without cookies that begins with long polling: %s %s',
    async (...transports: string[]) => {
      const bot = await connect(0, { transports: transports as Transports });
      await bot.untilCaughtUp(CHANNEL);
      for (let index = 0; index < 10; index += 1)
        await bot.untilSeq(CHANNEL, await bot.say(CHANNEL, 'polled'));
      closeAll();
    },
  );

  it('take commands and queries at one address', async () => {
    const { api } = balancer;
    await waitFor('the read model', async () => {
      const { body } = await api.request('GET', `/v1/messages?channel=${CHANNEL}&q=from`);
      return (body['items'] as unknown[] | undefined)?.length === BOTS;
    });
    expect((await api.request('GET', '/v1/bots')).body['items']).toHaveLength(BOTS);
    expect((await api.request('GET', '/v1/projections')).status).toBe(200);
    expect((await api.request('GET', `/v1/channels/${CHANNEL}/messages`, undefined, keys[0])).status).toBe(
      200,
    );
    const post = { id: uuidv7(), channel: CHANNEL, body: 'by HTTP' };
    expect((await api.request('POST', '/v1/messages', post, keys[0])).status).toBe(201);
    expect((await api.request('GET', '/metrics')).status).toBe(404);
  });

  it.each([
    ['audit', 'websocket'],
    ['audit', 'polling'],
    ['admin', 'websocket'],
    ['admin', 'polling'],
  ])('leave sockets of the role %s to that role, by %s', async (role, transport) => {
    const socket = io(`${balancer.api.url}/${role}`, {
      auth: { key: roles.adminKey },
      query: { role },
      transports: [transport],
      forceNew: true,
      reconnection: false,
    });
    try {
      const refusals: string[] = [];
      socket.on('connect_error', ({ message }) => refusals.push(message));
      await waitFor(`the connection; ${refusals.join(', ')}`, () => socket.connected);
    } finally {
      socket.disconnect();
    }
  });

  it('move the bots of a hanging gateway to the other within seconds', async () => {
    const [hanging, other] = roles.gateways as [RoleServer, RoleServer];
    const all = await Promise.all(keys.map((_, index) => connect(index, { reconnection: true })));
    hanging.process.pause();
    await waitFor('all bots at the other gateway', async () => (await connections(other)) === BOTS);
    const seq = await all[0]!.say(CHANNEL, 'we are all here');
    for (const bot of all) await bot.untilSeq(CHANNEL, seq);
    hanging.process.resume();
    closeAll();
  });

  it('keep their bots, and let posts wait, while the event store is away', async () => {
    const all = await Promise.all(keys.slice(1).map((_, index) => connect(index + 1)));
    await roles.eventStore.kill();
    for (const bot of all)
      await waitFor('the notice', () => bot.all('notice').some(({ code }) => code === 'store_unavailable'));
    const posting = all.map((bot) =>
      bot.socket.timeout(30_000).emitWithAck('post', { id: uuidv7(), channel: CHANNEL, body: 'waits' }),
    );
    const post = { id: uuidv7(), channel: CHANNEL, body: 'waits as well' };
    const byHttp = balancer.api.request('POST', '/v1/messages', post, keys[0]);
    await roles.eventStore.start();
    expect((await byHttp).status).toBe(201);
    for (const answer of await Promise.all(posting)) expect(answer).toMatchObject({ ok: true });
    for (const bot of all) {
      await waitFor('the notice', () => bot.all('notice').some(({ code }) => code === 'store_restored'));
      expect(bot.socket.connected).toBe(true);
    }
    closeAll();
  });
});
