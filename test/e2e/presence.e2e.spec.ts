import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signal } from '#tools/harness/processes/process-tree.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles, RoleServer } from '#tools/harness/system/roles.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { RunningProcess } from '#tools/harness/processes/running-process.js';
import { waitFor } from '#tools/harness/wait-for.js';

const CHANNEL = 'general';
/**
 * Uses WebSocket from the start: only the heartbeat notices a client that dies in the middle of Engine.IO's upgrade.
 */
const BOT = `
  import { io } from 'socket.io-client';
  io(process.env.URL + '/bots', { auth: { key: process.env.KEY }, transports: ['websocket'] });
`;

/** Tests presence over two gateway processes. The tests build on one another. */
describe('presence over two gateways', () => {
  let roles: Roles;
  let first: RoleServer;
  let second: RoleServer;
  let watcher: TestBot;
  const processes: RunningProcess[] = [];

  beforeAll(async () => {
    roles = await startRoles({ gateways: 2, admins: 1 });
    [first, second] = roles.gateways as [RoleServer, RoleServer];
    watcher = await TestBot.connect(second.api.url, { key: await second.api.createBot('watcher') });
    await watcher.must('join', { channel: CHANNEL });
    await watcher.untilCaughtUp(CHANNEL);
  });

  afterAll(async () => {
    watcher?.close();
    for (const { tree } of processes) tree.kill();
    await roles?.remove();
  });

  /** Starts a bot as a separate process. Resolves once the watcher has heard of it. */
  const startBot = async (name: string, { api }: RoleServer): Promise<RunningProcess> => {
    const key = await api.createBot(name);
    await api.addMember(CHANNEL, name);
    const bot = new RunningProcess([process.execPath, '--input-type=module', '--eval', BOT], {
      ...process.env,
      KEY: key,
      URL: api.url,
    });
    processes.push(bot);
    await until(name, 'online');
    return bot;
  };

  const said = (bot: string): Record<string, unknown>[] =>
    watcher.all('presence').filter((presence) => presence['bot'] === bot);

  const until = async (bot: string, state: string, withinMs = 10_000): Promise<Record<string, unknown>> =>
    waitFor(`${bot} to be ${state}`, () => said(bot).find((one) => one['state'] === state), withinMs, 10);

  const stateOf = async (bot: string): Promise<unknown> => {
    const { bots } = (await watcher.must('who', { channel: CHANNEL })) as unknown as {
      bots: { bot: string; state: string }[];
    };
    return bots.find((one) => one.bot === bot)?.state;
  };

  it('a bot that is killed is offline at once, because its connection ends', async () => {
    const bot = await startBot('killed', first);
    expect(await stateOf('killed')).toBe('online');
    bot.tree.kill();
    expect(await until('killed', 'offline')).toMatchObject({ channel: CHANNEL, reason: 'connection_lost' });
    expect(await stateOf('killed')).toBe('offline');
  });

  it('the newest connection of a consumer wins on the other gateway', async () => {
    const key = await first.api.createBot('moving');
    await first.api.addMember(CHANNEL, 'moving');
    const older = await TestBot.connect(first.api.url, { key });
    await until('moving', 'online'); // The order in the log decides which connection is the newest.
    const newer = await TestBot.connect(second.api.url, { key });
    await older.untilDisconnected();
    expect(older.all('notice')).toMatchObject([{ code: 'superseded' }]);
    expect(newer.socket.connected).toBe(true);
    newer.close();
  });

  it('a bot that falls silent, and those of a gateway that is killed, are offline within the heartbeat', async () => {
    const silent = await startBot('silent', second);
    await startBot('orphan', first);
    expect([await stateOf('silent'), await stateOf('orphan')]).toEqual(['online', 'online']);
    signal(silent.pid, 'SIGSTOP');
    // The gateway's bot has no other gateway to go to.
    await first.process.kill();
    expect(await until('silent', 'offline', 40_000)).toMatchObject({ reason: 'timed_out' });
    expect(await until('orphan', 'offline', 40_000)).toMatchObject({ reason: 'gateway_lost' });
    expect(await stateOf('orphan')).toBe('offline');
  }, 90_000);

  it('a bot that comes back to the restarted gateway is online again', async () => {
    await first.process.start();
    await waitFor('the bot to be back', async () => (await stateOf('orphan')) === 'online', 20_000);
  });
});
