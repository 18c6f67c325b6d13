import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { sequence } from '#test/support/sequence.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Auth } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

let verbatim: Verbatim;
let keys: { alice: string; bob: string };
const open: TestBot[] = [];

const connect = async (auth: Auth, options?: Parameters<typeof TestBot.connect>[2]): Promise<TestBot> => {
  const bot = await TestBot.connect(verbatim.url, auth, options);
  open.push(bot);
  return bot;
};

let channelsMade = 0;
const newChannel = async (...members: string[]): Promise<string> => {
  const channel = `conversation-${(channelsMade += 1)}`;
  await verbatim.createChannel(channel);
  for (const bot of members) await verbatim.addMember(channel, bot);
  return channel;
};

beforeAll(async () => {
  verbatim = await startVerbatim();
  keys = { alice: await verbatim.createBot('alice'), bob: await verbatim.createBot('bob') };
});

afterAll(() => verbatim?.remove());

afterEach(() => {
  for (const bot of open.splice(0)) bot.close();
});

describe('two bots', () => {
  it('get exactly one greeting, before anything else, with who they are and their channels', async () => {
    const channel = await newChannel('alice');
    const alice = await connect({ key: keys.alice });
    expect(alice.received[0]?.event).toBe('ready');
    expect(alice.ready).toMatchObject({ bot: 'alice', version: 'v1', limits: { messageBytes: 10_240 } });
    expect(alice.ready.connection).toEqual(expect.any(String));
    expect(alice.ready.channels).toContainEqual({ channel, cursor: -1, head: -1 });
    await alice.untilCaughtUp(channel);
    expect(alice.all('caughtup')).toContainEqual({ channel, seq: -1 });
    expect(alice.all('ready')).toHaveLength(1);
  });

  it('each get every message of both, in order, including their own', async () => {
    const channel = await newChannel('alice', 'bob');
    const [alice, bob] = [await connect({ key: keys.alice }), await connect({ key: keys.bob })];
    await Promise.all([alice.untilCaughtUp(channel), bob.untilCaughtUp(channel)]);
    for (let turn = 0; turn < 5; turn += 1) {
      await alice.say(channel, `ping ${turn}`);
      await bob.say(channel, `pong ${turn}`);
    }
    await Promise.all([alice.untilSeq(channel, 9), bob.untilSeq(channel, 9)]);
    expect(bob.messages(channel)).toEqual(alice.messages(channel));
    expect(alice.messages(channel).map(({ seq, bot, body }) => [seq, bot, body])).toEqual(
      sequence(0, 9).map((n) => [
        n,
        n % 2 ? 'bob' : 'alice',
        `${n % 2 ? 'pong' : 'ping'} ${Math.floor(n / 2)}`,
      ]),
    );
  });

  it('get every message once and in order over either transport, and during the upgrade', async () => {
    const channel = await newChannel('alice', 'bob');
    const alice = await connect({ key: keys.alice });
    await alice.untilCaughtUp(channel);
    const polling = await connect({ key: keys.bob, consumer: 'polls' }, { transports: ['polling'] });
    await polling.untilCaughtUp(channel);
    const changing = await connect(
      { key: keys.bob, consumer: 'changes' },
      { transports: ['polling', 'websocket'] },
    );
    await changing.untilCaughtUp(channel);
    const last = 149;
    const said = sequence(0, last).map((n) => alice.say(channel, `${n}`));
    await Promise.all(said);
    for (const bot of [alice, polling, changing]) {
      await bot.untilSeq(channel, last);
      expect(bot.seqs(channel)).toEqual(sequence(0, last));
    }
    expect(changing.socket.io.engine.transport.name).toBe('websocket');
    expect(polling.all('message').length).toBeGreaterThan(0);
  });

  it('get all fields back as they were sent, with the time that the store recorded', async () => {
    const channel = await newChannel('alice');
    const alice = await connect({ key: keys.alice });
    await alice.untilCaughtUp(channel);
    const first = uuidv7();
    await alice.must('post', { id: first, channel, body: 'question' });
    const post = {
      id: uuidv7(),
      channel,
      body: 'answer',
      data: { n: [1, null, { deep: true }] },
      replyTo: first,
      correlationId: 'c-1',
    };
    const before = Date.now();
    const { at, ...answer } = await alice.must('post', post);
    expect(answer).toEqual({ ok: true, id: post.id, channel, seq: 1 });
    expect(new Date(at as string).toISOString()).toBe(at);
    expect(Math.abs(Date.parse(at as string) - before)).toBeLessThan(5_000);
    await alice.untilSeq(channel, 1);
    expect(alice.messages(channel)[1]).toEqual({ ...post, seq: 1, kind: 'posted', bot: 'alice', at });
  });

  it('may use Socket.IO or HTTP, and the message is the same', async () => {
    const channel = await newChannel('alice', 'bob');
    const bob = await connect({ key: keys.bob });
    const posted = await verbatim.request(
      'POST',
      '/v1/messages',
      { id: uuidv7(), channel, body: 'by HTTP' },
      keys.alice,
    );
    expect(posted).toMatchObject({ status: 201, body: { channel, seq: 0 } });
    await bob.untilSeq(channel, 0);
    const listed = await verbatim.request('GET', `/v1/channels/${channel}/messages`, undefined, keys.alice);
    expect(listed.body['items']).toEqual(bob.messages(channel));
  });

  it('keep the order of 100 posts sent without waiting for answers', async () => {
    const channel = await newChannel('alice', 'bob');
    const [alice, bob] = [await connect({ key: keys.alice }), await connect({ key: keys.bob })];
    await bob.untilCaughtUp(channel);
    const answers = await Promise.all(
      sequence(0, 99).map((n) => alice.must('post', { id: uuidv7(), channel, body: `n${n}` })),
    );
    expect(answers.map(({ seq }) => seq)).toEqual(sequence(0, 99));
    await bob.untilSeq(channel, 99);
    expect(bob.messages(channel).map(({ body }) => body)).toEqual(sequence(0, 99).map((n) => `n${n}`));
  });
});

describe('the same id twice', () => {
  it('is one message: the first answer comes again, marked as a duplicate', async () => {
    const channel = await newChannel('alice');
    const alice = await connect({ key: keys.alice });
    const post = { id: uuidv7(), channel, body: 'once' };
    const first = await alice.must('post', post);
    await alice.say(channel, 'between');
    expect(await alice.request('post', post)).toEqual({ ...first, duplicate: true });
    const again = await verbatim.request(
      'POST',
      '/v1/messages',
      { ...post, id: post.id.toUpperCase() },
      keys.alice,
    );
    expect(again).toMatchObject({ status: 200, body: { seq: 0, duplicate: true } });
    await alice.say(channel, 'last');
    await alice.untilSeq(channel, 2);
    expect(alice.messages(channel).map(({ body }) => body)).toEqual(['once', 'between', 'last']);
  });

  it('is one message when all attempts come at once', async () => {
    const channel = await newChannel('alice');
    const alice = await connect({ key: keys.alice });
    const post = { id: uuidv7(), channel, body: 'stormy' };
    const answers = await Promise.all(sequence(1, 20).map(() => alice.must('post', post)));
    expect(new Set(answers.map(({ seq }) => seq))).toEqual(new Set([0]));
    expect(answers.filter(({ duplicate }) => duplicate !== true)).toHaveLength(1);
    expect(await alice.say(channel, 'next')).toBe(1);
  });

  it('with different content is a conflict, in any channel', async () => {
    const [channel, other] = [await newChannel('alice', 'bob'), await newChannel('alice')];
    const alice = await connect({ key: keys.alice });
    const post = { id: uuidv7(), channel, body: 'mine' };
    await alice.must('post', post);
    for (const changed of [{ body: 'other' }, { data: 1 }, { channel: other }, { replyTo: uuidv7() }]) {
      const { error } = await alice.request('post', { ...post, ...changed });
      expect(error).toMatchObject({ code: 'id_conflict', status: 409, retryable: false });
    }
  });

  it('may be used by another bot', async () => {
    const channel = await newChannel('alice', 'bob');
    const [alice, bob] = [await connect({ key: keys.alice }), await connect({ key: keys.bob })];
    const post = { id: uuidv7(), channel, body: 'shared id' };
    await alice.must('post', post);
    expect(await bob.must('post', { ...post, body: 'mine' })).not.toHaveProperty('duplicate');
  });
});

describe('a channel', () => {
  it('can be joined from now, from the start or from a seq', async () => {
    const channel = await newChannel('alice');
    const alice = await connect({ key: keys.alice });
    for (const n of sequence(0, 4)) await alice.say(channel, `m${n}`);
    const joins = [
      { from: undefined, cursor: 4, seqs: [5] },
      { from: 'now', cursor: 4, seqs: [5] },
      { from: 'start', cursor: -1, seqs: sequence(0, 5) },
      { from: 2, cursor: 2, seqs: [3, 4, 5] },
    ];
    const bots = await Promise.all(
      joins.map(async ({ from, cursor }, index) => {
        const bot = await connect({ key: await verbatim.createBot(`joiner-${index}`) });
        const asked = from === undefined ? { channel } : { channel, from };
        expect(await bot.request('join', asked)).toEqual({ ok: true, channel, head: 4, cursor });
        await bot.untilCaughtUp(channel);
        return bot;
      }),
    );
    await alice.say(channel, 'm5');
    await Promise.all(bots.map((bot) => bot.untilSeq(channel, 5)));
    expect(bots.map((bot) => bot.seqs(channel))).toEqual(joins.map(({ seqs }) => seqs));
  });

  it('that a bot left sends it nothing and accepts nothing from it, until it joins again', async () => {
    const channel = await newChannel('alice');
    const [alice, bob] = [await connect({ key: keys.alice }), await connect({ key: keys.bob })];
    await bob.must('join', { channel });
    await alice.say(channel, 'one');
    await bob.untilSeq(channel, 0);
    expect(await bob.request('leave', { channel })).toEqual({ ok: true });
    expect(await bob.request('leave', { channel })).toEqual({ ok: true });
    await alice.say(channel, 'two');
    expect((await bob.request('post', { id: uuidv7(), channel, body: 'hi' })).error).toMatchObject({
      code: 'forbidden',
    });
    expect((await bob.request('history', { channel })).error).toMatchObject({ code: 'forbidden' });
    await bob.must('join', { channel });
    await alice.say(channel, 'three');
    await bob.untilSeq(channel, 2);
    expect(bob.seqs(channel)).toEqual([0, 2]);
  });

  it('shows its history in pages, in both directions', async () => {
    const channel = await newChannel('alice');
    const alice = await connect({ key: keys.alice });
    for (const n of sequence(0, 9)) await alice.say(channel, `m${n}`);
    const page = async (request: object): Promise<unknown> => {
      const { messages, more } = await alice.must('history', { channel, ...request });
      return [(messages as { seq: number }[]).map(({ seq }) => seq), more];
    };
    expect(await page({})).toEqual([sequence(0, 9), false]);
    expect(await page({ limit: 3 })).toEqual([[7, 8, 9], true]);
    expect(await page({ before: 3 })).toEqual([[0, 1, 2], false]);
    expect(await page({ before: 7, limit: 2 })).toEqual([[5, 6], true]);
    expect(await page({ before: 0 })).toEqual([[], false]);
    expect(await page({ after: -1, limit: 4 })).toEqual([[0, 1, 2, 3], true]);
    expect(await page({ after: 7 })).toEqual([[8, 9], false]);
    expect(await page({ after: 9 })).toEqual([[], false]);
    const read = (query: string) =>
      verbatim.request('GET', `/v1/channels/${channel}/messages?${query}`, undefined, keys.alice);
    const first = await read('after=1&limit=4');
    expect((first.body['items'] as { seq: number }[]).map(({ seq }) => seq)).toEqual([2, 3, 4, 5]);
    const next = await read(`after=${String(first.body['next'])}&limit=10`);
    expect((next.body['items'] as { seq: number }[]).map(({ seq }) => seq)).toEqual([6, 7, 8, 9]);
    expect(next.body).not.toHaveProperty('next');
  });

  it('can be found in the read model, also by text', async () => {
    const channel = await newChannel('alice');
    const alice = await connect({ key: keys.alice });
    for (const body of ['the quick fox', 'the lazy dog', 'a <b>bold</b> fox']) await alice.say(channel, body);
    await alice.untilSeq(channel, 2);
    const query = async (more: string): Promise<unknown[]> =>
      (await verbatim.request('GET', `/v1/messages?channel=${channel}${more}`)).body['items'] as unknown[];
    const all = await waitFor('the read model', async () => {
      const items = await query('');
      return items?.length === 3 && items;
    });
    const bySeq = (all as { seq: number }[]).toSorted((a, b) => a.seq - b.seq);
    const wire = alice.messages(channel);
    expect(bySeq).toEqual(wire.map((message) => expect.objectContaining(message)));
    const foxes = (await query('&q=fox')) as { seq: number }[];
    expect(foxes.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual([0, 2]);
    expect(await query('&bot=bob')).toEqual([]);
  });
});
