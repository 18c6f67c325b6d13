import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles, RoleServer } from '#tools/harness/system/roles.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { TestConsole } from '#test/support/test-console.js';
import { waitFor } from '#tools/harness/wait-for.js';

type Item = Readonly<Record<string, unknown>>;

const listed = async ({ api }: RoleServer, list: string): Promise<Item[]> =>
  (await api.request('GET', `/v1/${list}?limit=200`)).body['items'] as Item[];

/** Whether a console shows exactly these items, which are in the order of their names. */
const shows = (items: readonly Item[], shown: ReadonlyMap<string, object>): boolean => {
  const inOrder = [...shown].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, item]) => item);
  return JSON.stringify(inOrder) === JSON.stringify(items);
};

/** Consoles at two admin processes, and bots at two gateways. */
describe('live consoles', () => {
  let roles: Roles;
  const consoles: TestConsole[] = [];
  const bots: TestBot[] = [];

  beforeAll(async () => {
    roles = await startRoles({ gateways: 2, projectors: 1, admins: 2 });
    for (const { api } of roles.admins) {
      const read = (path: string) => api.request('GET', `/v1${path}`);
      consoles.push(await TestConsole.connect(api.url, roles.adminKey, read));
    }
    await waitFor('the first pushes', () => consoles.every(({ pushes }) => pushes.length > 0));
  });
  afterAll(async () => {
    for (const bot of bots) bot.close();
    for (const each of consoles) await each.close();
    await roles?.remove();
  });

  it('show at each admin process what happened at any gateway, in agreement with the lists', async () => {
    const [first, second] = roles.gateways.map(({ api }) => api);
    await first!.createChannel('news');
    for (const [index, name] of ['alice', 'bob'].entries()) {
      const key = await first!.createBot(name);
      await second!.addMember('news', name);
      const bot = await TestBot.connect(roles.gateways[index]!.api.url, { key });
      bots.push(bot);
      for (let i = 0; i < 20; i += 1) await bot.say('news', `message ${i}`);
    }
    bots[1]!.close();
    await second!.request('POST', '/v1/bots/bob/suspend', { reason: 'a test' });
    for (const [index, { shown }] of consoles.entries()) {
      const admin = roles.admins[index]!;
      await waitFor('the console to show what is so', async () => {
        const [channels, all] = [await listed(admin, 'channels'), await listed(admin, 'bots')];
        const isSo =
          channels.some(({ channel, head }) => channel === 'news' && head === 39) &&
          all.some(({ bot, status }) => bot === 'bob' && status === 'suspended');
        return isSo && shows(channels, shown.channels) && shows(all, shown.bots);
      });
    }
    const rated = consoles[0]!.pushes.reduce((sum, { rates }) => sum + (rates?.messages ?? 0), 0);
    expect(rated).toBe(40);
  });

  it('go on after the event store was away', async () => {
    await roles.eventStore.kill();
    await roles.eventStore.start();
    await waitFor('a channel to be opened', async () => {
      const { status } = await roles.gateways[0]!.api.request('POST', '/v1/channels', { channel: 'later' });
      return status === 201 || status === 409;
    });
    for (const { shown } of consoles)
      await waitFor('it to be shown', () => shown.channels.has('later'), 20_000);
  });
});
