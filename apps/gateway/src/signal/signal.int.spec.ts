import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';

let log: TestLog;
let gateway: TestGateway;
beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log);
});
afterAll(async () => {
  await gateway?.stop();
  await log?.stop();
});

let number = 0;
/** Builds a channel with two members that are live in it. */
const room = async () => {
  number += 1;
  const channel = `room-${number}`;
  await gateway.channel(channel);
  const join = async (name: string, options = {}): Promise<TestBot> => {
    const key = await gateway.bot(`${name}-${number}`);
    const bot = await TestBot.connect(gateway.url, { key }, options);
    await bot.must('join', { channel });
    return bot;
  };
  const [alice, bob] = [await join('alice'), await join('bob')];
  for (const bot of [alice, bob]) await bot.untilCaughtUp(channel);
  return { channel, alice, bob, join };
};

describe('a signal', () => {
  it('reaches the others who are live in the channel, and nobody else', async () => {
    const { channel, alice, bob, join } = await room();
    const outsider = await TestBot.connect(gateway.url, { key: await gateway.bot(`outsider-${number}`) });
    // More than two batches of backlog. A bot that does not acknowledge them keeps catching up.
    const post = (): object => ({ id: uuidv7(), channel, body: 'x'.repeat(10_000) });
    await Promise.all(Array.from({ length: 90 }, () => alice.must('post', post())));
    const behind = await join('behind', { acknowledge: false });
    await behind.must('join', { channel, from: 'start' });
    expect(await alice.must('signal', { channel, type: 'typing', data: { on: true } })).toEqual({ ok: true });
    await alice.must('signal', { channel, type: 'idle' });
    await waitFor('both signals', () => bob.all('signal').length === 2);
    const by = `alice-${number}`;
    expect(bob.all('signal')).toEqual([
      { channel, bot: by, type: 'typing', data: { on: true } },
      { channel, bot: by, type: 'idle' },
    ]);
    for (const other of [alice, behind, outsider]) expect(other.all('signal')).toEqual([]);
    expect((await outsider.request('signal', { channel, type: 'typing' })).error).toMatchObject({
      code: 'forbidden',
    });
    for (const bot of [alice, bob, behind, outsider]) bot.close();
  });

  it('never comes before a message, edit or redaction that its sender sent first', async () => {
    const { channel, alice, bob } = await room();
    const rounds = 30;
    for (let round = 0; round < rounds; round += 1) {
      const id = uuidv7();
      alice.socket.emit('post', { id, channel, body: 'said' }, () => undefined);
      alice.socket.emit('edit', { id: uuidv7(), channel, target: id, body: 'anew' }, () => undefined);
      alice.socket.emit('redact', { id: uuidv7(), channel, target: id }, () => undefined);
      alice.socket.emit('signal', { channel, type: 'after', data: round }, () => undefined);
    }
    await waitFor('all signals', () => bob.all('signal').length === rounds);
    let messages = 0;
    for (const { event, payload } of bob.received) {
      if (event === 'message') messages += 1;
      if (event === 'signal') expect(messages).toBeGreaterThanOrEqual(3 * ((payload['data'] as number) + 1));
    }
    for (const bot of [alice, bob]) bot.close();
  });

  it('is never stored', async () => {
    const { channel, alice, bob } = await room();
    await alice.must('signal', { channel, type: 'a-mark-that-would-be-found' });
    await waitFor('the signal', () => bob.all('signal').length === 1);
    const store = new EventStore({ connectionString: log.connectionString });
    for await (const event of store.readAll())
      expect(JSON.stringify(event.data)).not.toContain('a-mark-that');
    await store.close();
    for (const bot of [alice, bob]) bot.close();
  });
});
