import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';

/** How long the bot does its worst, in milliseconds. What it may write in that time is counted by the time it really took. */
const GREED_MS = 6_000;
const CHANNELS = 10;
/** Channels that it joins and leaves. */
const REVOLVING = 250;
/** Names under which the bot stays; it tries as many others as it can. */
const CONSUMERS = 40;
/** In each channel, so that each `ack` can move a cursor. */
const MESSAGES = 20;

/** Limits at the default settings, as the protocol tells them (“What a bot may use”). */
const REQUESTS = { perSecond: 200, atOnce: 400 };
const MEMBERSHIP = 7;
const PRESENCE = { perSecond: 0.5, atOnce: 16 };

/**
 * One bot could do all of this at once, but its requests would share one rate. So each kind of greed has a bot of its own:
 * what they add together is the most that one bot can add.
 */
const GREEDY = ['greedy-joins', 'greedy-acks', 'greedy-comes'] as const;

let roles: Roles;
let url: string;
const keys = new Map<string, string>();
const bots: TestBot[] = [];

beforeAll(async () => {
  roles = await startRoles({ gateways: 1, admins: 1, audits: 1 });
  const { api } = roles.gateways[0]!;
  ({ url } = api);
  for (const bot of GREEDY) keys.set(bot, await api.createBot(bot));
  for (const channel of channels()) {
    await api.createChannel(channel);
    for (const bot of GREEDY) await api.addMember(channel, bot);
  }
  for (const channel of revolving()) await api.createChannel(channel);
});

afterAll(async () => {
  for (const bot of bots) bot.close();
  await roles?.remove();
});

const channels = (): string[] => Array.from({ length: CHANNELS }, (_, index) => `greed-${index}`);

/** A `join` waits for a cursor, which is written once a second: more at once only in many channels. */
const revolving = (): string[] => Array.from({ length: REVOLVING }, (_, index) => `revolving-${index}`);

const connect = async (name: (typeof GREEDY)[number], consumer: string): Promise<TestBot> => {
  const bot = await TestBot.connect(url, { key: keys.get(name)!, consumer, resume: 'now' });
  bots.push(bot);
  return bot;
};

/** Again and again until the time is over, however it is answered. */
const untilOver = async (over: number, act: () => Promise<unknown>): Promise<void> => {
  while (performance.now() < over) await act().catch(() => undefined);
};

/** Bytes of the log on disk, without its index. */
const logBytes = async (): Promise<number> => {
  const files = (await readdir(roles.eventStoreDir)).filter((name) => name.startsWith('events-'));
  const sizes = await Promise.all(
    files.map(async (name) => (await stat(join(roles.eventStoreDir, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
};

/** How many events of these types there are of a bot. */
const count = async (bot: (typeof GREEDY)[number], ...types: string[]): Promise<number> => {
  const counts = await Promise.all(
    types.map(async (type) => {
      const path = `/v1/audit/events?type=${type}`;
      const { text } = await roles.audits[0]!.api.request('GET', path);
      return text.split('\n').filter((line) => line.includes(bot)).length;
    }),
  );
  return counts.reduce((sum, one) => sum + one, 0);
};

/** What each kind of greed has written so far. */
const counts = async () => ({
  members: await count('greedy-joins', 'BotJoined', 'BotLeft'),
  presence: await count('greedy-comes', 'BotConnected', 'BotDisconnected'),
  cursors: await count('greedy-acks', 'CursorAdvanced'),
  bytes: await logBytes(),
});

const mostOf = ({ perSecond, atOnce }: typeof REQUESTS, seconds: number): number =>
  atOnce + perSecond * seconds;

/** The figures of `docs/security.md`: kilobytes a second, and kilobytes more after a pause. */
const documented = async (what: RegExp): Promise<{ perSecond: number; atOnce: number }> => {
  const text = (await readFile('docs/security.md', 'utf8')).replaceAll(/\s+/g, ' ');
  const [, perSecond, atOnce] = what.exec(text) ?? [];
  expect([perSecond, atOnce]).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);
  return { perSecond: 1_000 * Number(perSecond), atOnce: 1_000 * Number(atOnce) };
};

describe('what one bot adds to the log', () => {
  it('by all that is no message is no more than documented, whatever it does', async () => {
    const consumers = await Promise.all(
      Array.from({ length: CONSUMERS }, (_, index) => connect('greedy-acks', `c-${index}`)),
    );
    const flapping = await connect('greedy-joins', 'default');
    for (const channel of channels())
      for (let n = 0; n < MESSAGES; n += 1) await consumers[0]!.say(channel, 'x');
    const before = await counts();
    const begun = performance.now();
    const over = begun + GREED_MS;
    let names = 0;
    await Promise.all([
      ...revolving().map((channel) =>
        untilOver(over, async () => {
          for (const event of ['join', 'leave']) await flapping.request(event, { channel });
        }),
      ),
      ...consumers.map((bot) => {
        let step = -1;
        return untilOver(over, () => {
          step += 1;
          return bot.request('ack', { [channels()[step % CHANNELS]!]: Math.floor(step / CHANNELS) });
        });
      }),
      untilOver(over, async () => (await connect('greedy-comes', `n-${(names += 1)}`)).cut()),
      untilOver(over, async () => (await connect('greedy-comes', 'default')).cut()),
    ]);
    const seconds = (performance.now() - begun) / 1_000;
    // What is written late is written for what came before.
    for (const bot of bots) bot.close();
    const after = await counts();
    const requests = mostOf(REQUESTS, seconds);
    expect(after.members - before.members).toBeLessThanOrEqual((2 * requests) / MEMBERSHIP);
    expect(after.presence - before.presence).toBeLessThanOrEqual(2 * mostOf(PRESENCE, seconds));
    expect(after.cursors - before.cursors).toBeLessThanOrEqual(CONSUMERS * (seconds + 1));
    const { perSecond, atOnce } = await documented(/Everything else[^.]*?(\d+) KB a second[^.]*?(\d+) KB/);
    expect(after.bytes - before.bytes).toBeLessThanOrEqual(atOnce + perSecond * seconds);
  });
});
