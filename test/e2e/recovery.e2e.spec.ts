import { io } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles, RoleServer } from '#tools/harness/system/roles.js';
import { sequence } from '#test/support/sequence.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';

/** Cases that have broken Socket.IO's own connection state recovery, each on two gateways with one store. */
describe('a bot that reconnects', () => {
  let roles: Roles;
  let first: RoleServer;
  let second: RoleServer;
  let keys: { writer: string; reader: string };
  let writer: TestBot;
  const open: TestBot[] = [];

  beforeAll(async () => {
    const env = { VERBATIM_RATE_LIMIT: '5000', VERBATIM_RATE_BURST: '5000' };
    roles = await startRoles({ gateways: 2, admins: 1, env });
    [first, second] = roles.gateways as [RoleServer, RoleServer];
    keys = { writer: await first.api.createBot('writer'), reader: await first.api.createBot('reader') };
    writer = await TestBot.connect(second.api.url, { key: keys.writer });
  });
  afterAll(async () => {
    writer?.close();
    await roles?.remove();
  });
  afterEach(() => {
    for (const bot of open.splice(0)) bot.close();
  });

  let made = 0;
  /** Makes a channel and a consumer for one test. */
  const scene = async (): Promise<{ channel: string; consumer: string }> => {
    const channel = `recovery-${(made += 1)}`;
    await first.api.createChannel(channel);
    for (const bot of ['writer', 'reader']) await first.api.addMember(channel, bot);
    return { channel, consumer: channel };
  };
  const come = async (
    { api }: RoleServer,
    auth: object,
    options?: { acknowledge: boolean },
  ): Promise<TestBot> => {
    const bot = await TestBot.connect(api.url, { key: keys.reader, ...auth }, options);
    open.push(bot);
    return bot;
  };
  const say = (channel: string, count: number): Promise<unknown> =>
    Promise.all(
      sequence(1, count).map((n) => writer.must('post', { id: uuidv7(), channel, body: `message ${n}` })),
    );

  it('before the first message was ever delivered', async () => {
    const { channel, consumer } = await scene();
    const before = await come(first, { consumer });
    before.cut();
    await say(channel, 3);
    const after = await come(first, { consumer });
    await after.untilCaughtUp(channel);
    expect(after.seqs(channel)).toEqual([0, 1, 2]);
  });

  it('for the second time and for the tenth, to either gateway', async () => {
    const { channel, consumer } = await scene();
    const all: number[] = [];
    for (let time = 0; time <= 10; time += 1) {
      const bot = await come(time % 2 ? second : first, { consumer });
      await bot.untilCaughtUp(channel);
      await say(channel, 2);
      await bot.untilSeq(channel, 3 * time + 1);
      all.push(...bot.seqs(channel));
      await bot.must('ack', { [channel]: 3 * time + 1 });
      bot.cut();
      await say(channel, 1);
    }
    const last = await come(first, { consumer });
    await last.untilCaughtUp(channel);
    expect([...all, ...last.seqs(channel)]).toEqual(sequence(0, 32));
  });

  it('while the old connection still stands, on the same gateway and on the other', async () => {
    const { channel, consumer } = await scene();
    const old = await come(first, { consumer });
    await say(channel, 2);
    await old.untilSeq(channel, 1);
    old.pause();
    for (const [gateway, seen] of [
      [first, 1],
      [second, 3],
    ] as const) {
      const again = await come(gateway, { consumer, resume: { [channel]: seen } });
      await say(channel, 2);
      await again.untilSeq(channel, seen + 2);
      expect(again.seqs(channel)).toEqual([seen + 1, seen + 2]);
    }
  });

  it('to another gateway, after the first was killed', async () => {
    const { channel, consumer } = await scene();
    const bot = await come(first, { consumer });
    await say(channel, 5);
    await bot.untilSeq(channel, 4);
    await bot.must('ack', { [channel]: 2 });
    await first.process.kill();
    await bot.untilDisconnected();
    await say(channel, 2);
    const byCursor = await come(second, { consumer });
    await byCursor.untilCaughtUp(channel);
    expect(byCursor.seqs(channel)).toEqual(sequence(3, 6));
    const byMap = await come(second, { consumer: 'by-map', resume: { [channel]: 4 } });
    await byMap.untilCaughtUp(channel);
    expect(byMap.seqs(channel)).toEqual([5, 6]);
    await first.process.start();
  });

  it('after a connection on which it listened to no event could post meanwhile, and misses nothing', async () => {
    const { channel, consumer } = await scene();
    await say(channel, 1_200);
    const deaf = io(`${first.api.url}/bots`, {
      auth: { key: keys.reader, consumer },
      transports: ['websocket'],
      forceNew: true,
    });
    await waitFor('the connection', () => deaf.connected);
    const post = { id: uuidv7(), channel, body: 'from one who does not listen' };
    expect(await deaf.timeout(10_000).emitWithAck('post', post)).toMatchObject({ ok: true, seq: 1_200 });
    deaf.disconnect();
    const listening = await come(first, { consumer });
    await listening.untilCaughtUp(channel);
    expect(listening.seqs(channel)).toEqual(sequence(0, 1_200));
  });
});
