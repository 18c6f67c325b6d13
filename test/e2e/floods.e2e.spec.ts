import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { RawConnection } from '#tools/harness/bots/raw-connection.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { rawRequest } from '#tools/harness/http/raw-request.js';
import type { RawAnswer } from '#tools/harness/http/raw-request.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { sequence } from '#test/support/sequence.js';

const CHANNEL = 'floods';
const SEPARATOR = '\u001e';
const POLLING = '/socket.io/?EIO=4&transport=polling';

let verbatim: Verbatim;
let other: TestBot;
const open: { close(): void }[] = [];

beforeAll(async () => {
  // So low that even a slow machine can exceed it.
  verbatim = await startVerbatim({ env: { VERBATIM_RATE_LIMIT: '50', VERBATIM_RATE_BURST: '100' } });
  await verbatim.createChannel(CHANNEL);
  other = await member('other');
});

afterAll(async () => {
  for (const one of open) one.close();
  other?.close();
  await verbatim?.remove();
});

const member = async (name: string): Promise<TestBot> => {
  const key = await verbatim.createBot(name);
  await verbatim.addMember(CHANNEL, name);
  return TestBot.connect(verbatim.url, { key });
};

const raw = async (): Promise<RawConnection> => {
  const connection = await RawConnection.open(verbatim.url);
  open.push(connection);
  return connection;
};

/** Opens a connection for a bot that is let in, on which frames are written by hand. */
const rawBot = async (name: string): Promise<RawConnection> => {
  const key = await verbatim.createBot(name);
  await verbatim.addMember(CHANNEL, name);
  const connection = await raw();
  connection.send(`40/bots,${JSON.stringify({ key })}`);
  await connection.until('2/bots,["ready"');
  return connection;
};

/** Begins to poll. @returns the session's path */
const poll = async (): Promise<string> => {
  const { text } = await rawRequest(verbatim.url, { method: 'GET', path: POLLING });
  return `${POLLING}&sid=${(JSON.parse(text.slice(1)) as { sid: string }).sid}`;
};

const payload = (path: string, body: string): Promise<RawAnswer> =>
  rawRequest(verbatim.url, { method: 'POST', path, body, headers: { 'content-type': 'text/plain' } });

const times = (count: number, frame: string): string[] => sequence(1, count).map(() => frame);

const post = (body = 'hello'): object => ({ id: uuidv7(), channel: CHANNEL, body });

/** Checks that nobody else notices: what another bot posts is stored and comes back to it. */
const othersGoOn = async (): Promise<void> => {
  const { seq } = await other.must('post', post());
  await other.untilSeq(CHANNEL, seq as number);
};

describe.concurrent('without a key', () => {
  it.each([
    ['of 990 kB', 330_000],
    ['that is small enough to be read', 20_000],
  ])('a payload full of handshakes %s ends its connection', async (_, handshakes) => {
    const path = await poll();
    const flood = payload(path, Array.from({ length: handshakes }, () => '40').join(SEPARATOR)).catch(
      () => undefined, // a client that is cut off gets no answer
    );
    await othersGoOn();
    await flood;
    expect((await rawRequest(verbatim.url, { method: 'GET', path })).status).toBe(400);
  });

  it('a frame larger than any request ends its connection, and the largest request fits', async () => {
    const connection = await raw();
    connection.send(`40/bots,${JSON.stringify({ key: 'x'.repeat(70_000) })}`);
    expect(await connection.until('4/bots')).toBeUndefined();
    // Each of these bytes becomes an escape sequence of six.
    expect(await other.must('post', post('\u0001'.repeat(10 * 1024)))).toMatchObject({ ok: true });
  });

  it('a client is not let into the root namespace, but may go on to another', async () => {
    const connection = await raw();
    connection.send('40');
    expect(await connection.until('4{')).toContain('"code":"not_found"');
    connection.send(`40/bots,${JSON.stringify({ key: await verbatim.createBot('wanderer') })}`);
    expect(await connection.until('0/bots,')).toBeDefined();
  });

  it('too many handshakes on one connection end it', async () => {
    const connection = await raw();
    connection.send(...sequence(1, 12).map(() => '40/nowhere,'));
    expect(await connection.until('never')).toBeUndefined();
  });

  it.each(['nothing is said', 'a wrong key is shown', 'only heartbeats come'])(
    'a connection on which %s is closed',
    async (what) => {
      const connection = await raw();
      if (what === 'a wrong key is shown') connection.send('40/bots,{"key":"wrong"}');
      const beating = setInterval(() => {
        if (what === 'only heartbeats come') connection.send('3');
      }, 1_000);
      expect(await connection.until('never', 20_000).finally(() => clearInterval(beating))).toBeUndefined();
    },
  );

  it('a silent polling session is closed', async () => {
    const path = await poll();
    const { text } = await rawRequest(verbatim.url, { method: 'GET', path }, 20_000);
    expect(text).toMatch(/^[16]/);
    expect((await rawRequest(verbatim.url, { method: 'GET', path })).status).toBe(400);
  });
});

describe.concurrent('a bot over its rate', () => {
  it.each([
    ['join', { channel: CHANNEL }],
    ['leave', { channel: 'nowhere' }],
    ['history', { channel: CHANNEL, limit: 1 }],
    ['nonsense', {}],
    ['post', { id: 'no uuid' }],
  ])('is told so, whatever it asks for: %s', async (event, given) => {
    const bot = await member(`hasty-${event}`);
    open.push(bot);
    const replies = await Promise.all(sequence(1, 400).map(() => bot.request(event, given)));
    const limited = replies.filter(({ error }) => error?.code === 'rate_limited');
    expect(limited.length).toBeGreaterThan(0);
    for (const { error } of limited) expect(error!.retryAfterMs).toBeGreaterThan(0);
    expect(bot.socket.connected).toBe(true);
    await othersGoOn();
  });

  it.each([
    ['with unknown events of a few bytes', 'tiny', () => '42/bots,["x"]'],
    [
      'with posts that are refused for their size',
      'large',
      () => `42/bots,7["post",{"body":"${'x'.repeat(50_000)}"}]`,
    ],
    ['with acknowledgements nobody asked for', 'acks', () => '43/bots,7[]'],
    ['with heartbeats nobody asked for', 'beats', () => '3'],
    ['with packets that mean nothing', 'noops', () => '6'],
  ])('that goes on %s is closed with a word', async (_, name, frame) => {
    const bot = await rawBot(name);
    const flooding = setInterval(() => {
      if (!bot.closed) bot.send(...sequence(1, 500).map(frame));
    }, 100);
    const word = await bot.until('2/bots,["notice"', 30_000).finally(() => clearInterval(flooding));
    expect(word).toContain('"code":"rate_limited"');
    expect(await bot.until('never')).toBeUndefined();
    await othersGoOn();
  });

  it('that is throttled is disconnected at once when it sends a packet that can’t be parsed', async () => {
    const bot = await rawBot('broken');
    const large = `42/bots,7["post",{"body":"${'x'.repeat(20_000)}"}]`;
    bot.send(...times(200, large), '47', ...times(50, large));
    expect(await bot.until('never', 8_000)).toBeUndefined();
    await othersGoOn();
  });

  it('pays for its answers by their size', async () => {
    const bot = await member('reader');
    open.push(bot);
    for (let n = 0; n < 60; n += 1) await bot.must('post', post('x'.repeat(10_000)));
    const { messages, more } = await bot.must('history', { channel: CHANNEL, limit: 60 });
    const [newest] = (messages as { seq: number }[]).slice(-1);
    // An answer is limited by its size as well, and says that there is more.
    expect((messages as unknown[]).length).toBeGreaterThan(20);
    expect((messages as unknown[]).length).toBeLessThan(30);
    expect(more).toBe(true);
    const onwards = await bot.must('history', { channel: CHANNEL, after: newest!.seq - 40, limit: 40 });
    expect((onwards['messages'] as { seq: number }[])[0]!.seq).toBe(newest!.seq - 39);
    expect(onwards['more']).toBe(true);
    const replies = await Promise.all(
      sequence(1, 50).map(() => bot.request('history', { channel: CHANNEL, limit: 200 })),
    );
    const read = replies.filter(({ ok }) => ok);
    expect(read.length).toBeLessThan(25);
    for (const { ok, error } of replies) if (!ok) expect(error!.code).toBe('rate_limited');
    await othersGoOn();
  });
});
