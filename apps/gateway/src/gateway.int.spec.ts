import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';

let log: TestLog;
let gateway: TestGateway;

beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log, { VERBATIM_RATE_LIMIT: '100000', VERBATIM_RATE_BURST: '100000' });
});
afterAll(async () => {
  await gateway.stop();
  await log.stop();
});

let number = 0;
/** Builds a channel and a bot of the test's own. */
const room = async (): Promise<{ channel: string; bot: string; key: string }> => {
  number += 1;
  const [channel, bot] = [`room-${number}`, `bot-${number}`];
  await gateway.channel(channel);
  return { channel, bot, key: await gateway.bot(bot) };
};
const range = (from: number, until: number): number[] =>
  Array.from({ length: until - from }, (_, i) => from + i);

describe('posting', () => {
  it('keeps the order in which a bot sent, and sends it its own messages', async () => {
    const { channel, key } = await room();
    const bot = await TestBot.connect(gateway.url, { key });
    await bot.must('join', { channel });
    const sent = range(0, 100).map((i) => ({ id: uuidv7(), channel, body: `message ${i}` }));
    const replies = await Promise.all(sent.map((post) => bot.must('post', post)));
    expect(replies.map(({ seq }) => seq)).toEqual(range(0, 100));
    await bot.untilSeq(channel, 99);
    expect(bot.messages(channel).map(({ id, body }) => ({ id, channel, body }))).toEqual(sent);
    const byReply = new Map(replies.map((reply) => [reply['seq'], reply['at']]));
    expect(bot.messages(channel).every(({ seq, at }) => byReply.get(seq) === at)).toBe(true);
    bot.close();
  });

  it('answers a retry with the first answer, and refuses the id for other content', async () => {
    const { channel, key } = await room();
    const bot = await TestBot.connect(gateway.url, { key });
    await bot.must('join', { channel });
    const post = { id: uuidv7(), channel, body: 'once', data: { b: 1, a: 2 } };
    const first = await bot.must('post', post);
    await bot.say(channel, 'in between');
    expect(await bot.must('post', { ...post, data: { a: 2, b: 1 } })).toEqual({ ...first, duplicate: true });
    expect((await bot.request('post', { ...post, body: 'twice' })).error).toMatchObject({
      code: 'id_conflict',
      status: 409,
    });
    expect(bot.socket.connected).toBe(true);
    bot.close();
  });
});

describe('reconnecting', () => {
  it('delivers exactly what was missed, by stored cursor, by map and from now', async () => {
    const { channel, key } = await room();
    const other = await gateway.bot(`${channel}-other`);
    const writer = await TestBot.connect(gateway.url, { key: other });
    await writer.must('join', { channel });
    const before = await TestBot.connect(gateway.url, { key });
    await before.must('join', { channel });
    for (const i of range(0, 10)) await writer.say(channel, `body ${i}`);
    await before.untilSeq(channel, 9);
    await before.must('ack', { [channel]: 6 });
    before.cut();
    for (const i of range(10, 15)) await writer.say(channel, `body ${i}`);

    const stored = await TestBot.connect(gateway.url, { key });
    expect(stored.ready.channels).toEqual([{ channel, cursor: 6, head: 14 }]);
    await stored.untilCaughtUp(channel);
    expect(stored.seqs(channel)).toEqual(range(7, 15));
    expect(stored.all('backlog')[0]).toMatchObject({ missed: 8, more: false });
    stored.cut();

    const mapped = await TestBot.connect(gateway.url, { key, resume: { [channel]: 11 } });
    await mapped.untilCaughtUp(channel);
    expect(mapped.seqs(channel)).toEqual(range(12, 15));
    mapped.cut();

    const now = await TestBot.connect(gateway.url, { key, resume: 'now' });
    await now.untilCaughtUp(channel);
    await writer.say(channel, 'the next');
    await now.untilSeq(channel, 15);
    expect(now.seqs(channel)).toEqual([15]);
    now.close();
    writer.close();
  });

  it('leaves no gap and no overlap while messages keep arriving, however large the backlog', async () => {
    const { channel, key } = await room();
    const writer = await TestBot.connect(gateway.url, { key, consumer: 'writer' });
    await writer.must('join', { channel });
    const post = (i: number) => writer.must('post', { id: uuidv7(), channel, body: `body ${i}` });
    await Promise.all(range(0, 2_000).map(post));
    const reader = await TestBot.connect(gateway.url, { key, consumer: 'reader', resume: { [channel]: -1 } });
    for (const i of range(0, 20)) await Promise.all(range(0, 25).map((j) => post(2_000 + i * 25 + j)));
    await reader.untilSeq(channel, 2_499);
    expect(reader.seqs(channel)).toEqual(range(0, 2_500));
    reader.close();
    writer.close();
  });

  it('starts where the membership began for a consumer without a cursor', async () => {
    const { channel, bot, key } = await room();
    const writer = await TestBot.connect(gateway.url, { key: await gateway.bot(`${channel}-writer`) });
    await writer.must('join', { channel });
    for (const i of range(0, 3)) await writer.say(channel, `body ${i}`);
    const late = await TestBot.connect(gateway.url, { key, consumer: 'first' });
    await late.must('join', { channel });
    for (const i of range(3, 6)) await writer.say(channel, `body ${i}`);
    const fresh = await TestBot.connect(gateway.url, { key, consumer: 'second' });
    expect(fresh.ready).toMatchObject({ bot, channels: [{ channel, cursor: 2, head: 5 }] });
    await fresh.untilCaughtUp(channel);
    expect(fresh.seqs(channel)).toEqual(range(3, 6));
    for (const one of [fresh, late, writer]) one.close();
  });

  it('skips what the bot no longer wants, and says so', async () => {
    const { channel, key } = await room();
    const writer = await TestBot.connect(gateway.url, { key, consumer: 'writer' });
    await writer.must('join', { channel });
    await Promise.all(
      range(0, 30).map((i) => writer.must('post', { id: uuidv7(), channel, body: `body ${i}` })),
    );
    const resume = { [channel]: 3 };
    const few = await TestBot.connect(gateway.url, {
      key,
      consumer: 'few',
      resume,
      backlog: { maxCount: 5 },
    });
    await few.untilCaughtUp(channel);
    expect(few.all('skipped')).toEqual([{ channel, from: 4, to: 24, reason: 'max_count' }]);
    expect(few.seqs(channel)).toEqual(range(25, 30));
    const young = await TestBot.connect(gateway.url, {
      key,
      consumer: 'young',
      resume,
      backlog: { maxAgeMs: 0 },
    });
    await young.untilCaughtUp(channel);
    expect(young.all('skipped')).toEqual([{ channel, from: 4, to: 29, reason: 'max_age' }]);
    const old = await TestBot.connect(gateway.url, {
      key,
      consumer: 'old',
      resume,
      backlog: { maxAgeMs: 3_600_000 },
    });
    await old.untilCaughtUp(channel);
    expect(old.all('skipped')).toEqual([]);
    expect(old.seqs(channel)).toEqual(range(4, 30));
    for (const one of [few, young, old, writer]) one.close();
  });

  it('refuses a position this log never gave out', async () => {
    const { channel, key } = await room();
    const bot = await TestBot.connect(gateway.url, { key });
    await bot.must('join', { channel });
    await bot.say(channel, 'first');
    bot.close();
    await expect(TestBot.connect(gateway.url, { key, resume: { [channel]: 1 } })).rejects.toMatchObject({
      error: { code: 'unknown_position', status: 400 },
    });
  });

  it('lets the newest connection of a consumer win', async () => {
    const { key } = await room();
    const older = await TestBot.connect(gateway.url, { key });
    const newer = await TestBot.connect(gateway.url, { key });
    await older.untilDisconnected();
    expect(older.all('notice')).toMatchObject([{ code: 'superseded' }]);
    expect(newer.socket.connected).toBe(true);
    newer.close();
  });
});

describe('a polling session that is gone', () => {
  it('is reported only to polls: what is sent to it is dropped without a refusal', async () => {
    const gone = `${gateway.url}/socket.io/?EIO=4&transport=polling&sid=gone`;
    const sent = await fetch(gone, { method: 'POST', body: '3' });
    expect([sent.status, await sent.text()]).toEqual([200, 'ok']);
    expect((await fetch(gone)).status).toBe(400);
  });
});

describe('leaving', () => {
  it('voids the cursors of a consumer that is away: it begins where the bot joined again', async () => {
    const { channel, key } = await room();
    const writer = await TestBot.connect(gateway.url, { key: (await room()).key });
    await writer.must('join', { channel });
    const stays = await TestBot.connect(gateway.url, { key });
    await stays.must('join', { channel });
    const goes = await TestBot.connect(gateway.url, { key, consumer: 'goes' });
    await writer.say(channel, 'seen by both');
    await goes.untilSeq(channel, 0);
    await goes.must('ack', { [channel]: 0 });
    goes.close();
    await writer.say(channel, 'for a member');
    await stays.must('leave', { channel });
    await writer.say(channel, 'for nobody who left');
    await stays.must('join', { channel });
    await writer.say(channel, 'for who came again');
    const back = await TestBot.connect(gateway.url, { key, consumer: 'goes' });
    await back.untilSeq(channel, 3);
    expect(back.messages(channel).map(({ seq }) => seq)).toEqual([3]);
    for (const one of [back, stays, writer]) one.close();
  });
});

describe('two gateways on one log', () => {
  let other: TestGateway;
  beforeAll(async () => void (other = await startTestGateway(log)));
  afterAll(() => other.stop());

  it('accept each id once and deliver to the members on both', async () => {
    const { channel, key } = await room();
    const a = await TestBot.connect(gateway.url, { key, consumer: 'a' });
    await a.must('join', { channel, from: 'start' });
    const b = await TestBot.connect(other.url, { key, consumer: 'b' });
    const ids = Array.from({ length: 100 }, () => uuidv7());
    const post = (bot: TestBot, id: string) => bot.must('post', { id, channel, body: `body ${id}` });
    const replies = await Promise.all(ids.map((id) => Promise.all([post(a, id), post(b, id)])));
    for (const [one, two] of replies) {
      expect(one['seq']).toBe(two['seq']);
      expect([one['duplicate'], two['duplicate']].filter(Boolean)).toHaveLength(1);
    }
    for (const bot of [a, b]) {
      await bot.untilSeq(channel, 99);
      expect(bot.seqs(channel)).toEqual(range(0, 100));
      bot.close();
    }
  });

  it('end and begin a membership for a consumer that the other one holds', async () => {
    const { channel, key } = await room();
    const writer = await TestBot.connect(gateway.url, { key: (await room()).key });
    await writer.must('join', { channel });
    const here = await TestBot.connect(gateway.url, { key });
    await here.must('join', { channel });
    const there = await TestBot.connect(other.url, { key, consumer: 'there' });
    await writer.say(channel, 'for a member');
    await there.untilSeq(channel, 0);
    await here.must('leave', { channel });
    await waitFor('the other gateway to know', async () => !(await there.request('history', { channel })).ok);
    await writer.say(channel, 'for nobody who left');
    await here.must('join', { channel });
    await writer.say(channel, 'for who came again');
    await there.untilSeq(channel, 2);
    expect(there.seqs(channel)).toEqual([0, 2]);
    for (const one of [writer, here, there]) one.close();
  });
});
