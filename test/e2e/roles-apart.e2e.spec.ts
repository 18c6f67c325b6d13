import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles, RoleServer } from '#tools/harness/system/roles.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';

const CHANNEL = 'shared';

/** Runs the roles as separate processes, as in production. The tests build on one another. */
describe('roles apart', () => {
  let roles: Roles;
  let first: RoleServer;
  let second: RoleServer;
  const keys = new Map<string, string>();
  const bots: TestBot[] = [];

  beforeAll(async () => {
    roles = await startRoles({ gateways: 2, projectors: 1, admins: 1 });
    [first, second] = roles.gateways as [RoleServer, RoleServer];
    await first.api.createChannel(CHANNEL);
    for (const name of ['alice', 'bob']) {
      keys.set(name, await first.api.createBot(name));
      await first.api.addMember(CHANNEL, name);
    }
  });

  afterAll(async () => {
    for (const bot of bots) bot.close();
    await roles?.remove();
  });

  const connect = async (name: string, { api }: RoleServer): Promise<TestBot> => {
    const bot = await TestBot.connect(api.url, { key: keys.get(name) });
    bots.push(bot);
    return bot;
  };

  const shown = async (): Promise<string[]> => {
    const { body } = await roles.admins[0]!.api.request('GET', `/v1/messages?channel=${CHANNEL}`);
    return ((body['items'] ?? []) as { body: string }[]).map((message) => message.body);
  };

  it('a message posted at one gateway is received at the other and shown to admins', async () => {
    const alice = await connect('alice', first);
    const bob = await connect('bob', second);
    await bob.untilCaughtUp(CHANNEL);
    await bob.untilSeq(CHANNEL, await alice.say(CHANNEL, 'across'));
    expect(bob.messages(CHANNEL).at(-1)).toMatchObject({ bot: 'alice', body: 'across' });
    await waitFor('the read model', async () => (await shown()).includes('across'));
  });

  it('an id that one gateway accepted is a duplicate at the other', async () => {
    const post = { id: '0198c0de-7a3b-4c21-9d4e-5f60718293a4', channel: CHANNEL, body: 'once' };
    const at = async ({ api }: RoleServer) => api.request('POST', '/v1/messages', post, keys.get('alice'));
    const answer = await at(first);
    const again = await at(second);
    expect([answer.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual({ ...answer.body, duplicate: true });
  });

  it('each role answers only its own routes', async () => {
    const [admin, projector] = [roles.admins[0]!.api, roles.projectors[0]!.api];
    expect((await admin.request('POST', '/v1/bots', { name: 'carol' })).status).toBe(404);
    expect((await first.api.request('GET', '/v1/bots')).status).toBe(404);
    expect((await projector.request('GET', '/v1/bots')).status).toBe(404);
    await expect(TestBot.connect(admin.url, { key: keys.get('alice') })).rejects.toThrow();
  });

  it('a gateway that starts while PostgreSQL is away serves its bots', async () => {
    await roles.postgres.stopServer();
    await second.process.kill();
    await second.process.start();
    const bob = await connect('bob', second);
    await bob.untilSeq(CHANNEL, await bob.say(CHANNEL, 'without read models'));
    expect((await roles.admins[0]!.api.request('GET', '/v1/messages')).status).toBe(503);
    await roles.postgres.restart();
    await waitFor('the read model', async () => (await shown()).includes('without read models'), 30_000);
  });

  it('every role stops in order when told to', async () => {
    for (const { process } of roles.all) expect(await process.terminate()).toEqual({ code: 0, signal: null });
  });
});
