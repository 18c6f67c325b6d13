import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presenceStream } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';

let log: TestLog;
let store: EventStore;
let gateway: TestGateway;
let other: TestGateway;

beforeAll(async () => {
  log = await startTestLog();
  store = new EventStore({ connectionString: log.connectionString });
  gateway = await startTestGateway(log);
  other = await startTestGateway(log);
});
afterAll(async () => {
  await other?.stop();
  await gateway?.stop();
  await store?.close();
  await log?.stop();
});

let number = 0;
/** Builds a channel of two bots: one that comes and goes, and one that watches from the other gateway. */
const room = async () => {
  number += 1;
  const [channel, bot, watching] = [`room-${number}`, `bot-${number}`, `watcher-${number}`];
  await gateway.channel(channel);
  const key = await gateway.bot(bot);
  const watcher = await TestBot.connect(other.url, { key: await gateway.bot(watching) });
  await watcher.must('join', { channel });
  await watcher.untilCaughtUp(channel);
  await gateway.member(channel, bot);
  // Both gateways follow the same log. Once the other gateway knows the member, it also announces its presence.
  await waitFor('the member', async () => bot in (await who(watcher, channel)));
  return { channel, bot, key, watching, watcher };
};

const seen = (watcher: TestBot, bot: string): Record<string, unknown>[] =>
  watcher.all('presence').filter((said) => said['bot'] === bot);
const until = (watcher: TestBot, bot: string, state: string): Promise<unknown> =>
  waitFor(
    `${bot} to be ${state}`,
    () => seen(watcher, bot).some((said) => said['state'] === state),
    5_000,
    5,
  );
const who = async (bot: TestBot, channel: string) => {
  const { bots } = await bot.must('who', { channel });
  return Object.fromEntries(
    (bots as { bot: string; state: string; since?: string }[]).map(({ bot: name, ...rest }) => [name, rest]),
  );
};
const recorded = async (bot: string): Promise<string[]> => {
  const events: string[] = [];
  for await (const { type, data } of store.readStream(presenceStream(bot))) {
    const { reason, consumer } = data as { reason?: string; consumer: string };
    events.push([type, consumer, ...(reason === undefined ? [] : [reason])].join(' '));
  }
  return events;
};

describe('presence', () => {
  it('is sent to members on another gateway, and recorded with the reason', async () => {
    const { channel, bot, key, watching, watcher } = await room();
    const one = await TestBot.connect(gateway.url, { key });
    await until(watcher, bot, 'online');
    one.cut();
    await until(watcher, bot, 'offline');
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
    expect(seen(watcher, bot)).toEqual([
      { channel, bot, state: 'online', at },
      { channel, bot, state: 'offline', reason: 'connection_lost', at },
    ]);
    expect(await recorded(bot)).toEqual(['BotConnected default', 'BotDisconnected default connection_lost']);
    const offlineSince = seen(watcher, bot)[1]!['at'];
    expect(await who(watcher, channel)).toEqual({
      [bot]: { state: 'offline', since: offlineSince },
      [watching]: { state: 'online', since: at },
    });
    watcher.close();
  });

  it('counts a bot as online until the last of its connections is gone, wherever they are', async () => {
    const { channel, bot, key, watcher } = await room();
    const a = await TestBot.connect(gateway.url, { key, consumer: 'a' });
    await until(watcher, bot, 'online');
    const b = await TestBot.connect(other.url, { key, consumer: 'b' });
    const since = (await who(b, channel))[bot]!.since;
    expect(since).toBe(seen(watcher, bot)[0]!['at']);
    a.close();
    await waitFor('the end of a', async () => (await recorded(bot)).at(-1) === 'BotDisconnected a left');
    expect((await who(b, channel))[bot]).toEqual({ state: 'online', since });
    b.close();
    await until(watcher, bot, 'offline');
    expect(seen(watcher, bot).map(({ state }) => state)).toEqual(['online', 'offline']);
    watcher.close();
  });

  it('tells a bot nothing about itself, nor about channels it is not in', async () => {
    const { bot, key, watcher } = await room();
    const a = await TestBot.connect(gateway.url, { key, consumer: 'a' });
    await until(watcher, bot, 'online');
    const outsider = await TestBot.connect(gateway.url, { key: await gateway.bot(`${bot}-outsider`) });
    const b = await TestBot.connect(gateway.url, { key, consumer: 'b' });
    for (const one of [a, b]) one.close();
    await until(watcher, bot, 'offline');
    for (const one of [a, b, outsider]) expect(seen(one, bot)).toEqual([]);
    for (const one of [outsider, watcher]) one.close();
  });

  it('never shows a connected bot itself as offline', async () => {
    const { channel, bot, key, watcher } = await room();
    for (let round = 0; round < 10; round += 1) {
      const one = await TestBot.connect(gateway.url, { key });
      expect((await who(one, channel))[bot]!.state).toBe('online');
      one.close();
    }
    watcher.close();
  });

  it('has no time for a bot that never came', async () => {
    const { channel, bot, watcher } = await room();
    const never = `${bot}-never`;
    await gateway.bot(never);
    await gateway.member(channel, never);
    await waitFor('the member', async () => never in (await who(watcher, channel)));
    expect((await who(watcher, channel))[never]).toEqual({ state: 'offline' });
    watcher.close();
  });
});

describe('the newest connection of a consumer', () => {
  it('wins on whatever gateway it is', async () => {
    const { bot, key, watcher } = await room();
    const older = await TestBot.connect(gateway.url, { key });
    await until(watcher, bot, 'online');
    const newer = await TestBot.connect(other.url, { key });
    await older.untilDisconnected();
    expect(older.all('notice')).toMatchObject([{ code: 'superseded' }]);
    const again = await TestBot.connect(gateway.url, { key });
    await newer.untilDisconnected();
    expect(newer.all('notice')).toMatchObject([{ code: 'superseded' }]);
    expect(again.socket.connected).toBe(true);
    again.close();
    await until(watcher, bot, 'offline');
    expect(seen(watcher, bot).map(({ state }) => state)).toEqual(['online', 'offline']);
    expect(await recorded(bot)).toEqual([
      'BotConnected default',
      'BotConnected default',
      'BotDisconnected default superseded',
      'BotConnected default',
      'BotDisconnected default superseded',
      'BotDisconnected default left',
    ]);
    watcher.close();
  });

  it('is exactly one, when many come on both gateways at once', async () => {
    const { channel, bot, key, watcher } = await room();
    const many = await Promise.all(
      Array.from({ length: 12 }, (_, i) => TestBot.connect((i % 2 ? gateway : other).url, { key })),
    );
    const connected = (): TestBot[] => many.filter(({ socket }) => socket.connected);
    await waitFor('one to be left', () => connected().length === 1, 10_000, 20);
    const [left] = connected();
    expect((await who(watcher, channel))[bot]!.state).toBe('online');
    left!.close();
    await until(watcher, bot, 'offline');
    watcher.close();
  });
});

describe('a gateway that stops', () => {
  it('leaves nobody online behind', async () => {
    const { channel, bot, key, watcher } = await room();
    const third = await startTestGateway(log);
    await TestBot.connect(third.url, { key });
    await until(watcher, bot, 'online');
    await third.stop();
    await until(watcher, bot, 'offline');
    expect(seen(watcher, bot).at(-1)).toMatchObject({ reason: 'server_stopping' });
    // A gateway that starts now reads the presence from a snapshot.
    const fourth = await startTestGateway(log);
    const one = await TestBot.connect(fourth.url, { key, consumer: 'other' });
    expect((await who(one, channel))[bot]!.state).toBe('online');
    expect((await who(watcher, channel))[bot]!.state).toBe('online');
    one.close();
    watcher.close();
    await fourth.stop();
  });
});
