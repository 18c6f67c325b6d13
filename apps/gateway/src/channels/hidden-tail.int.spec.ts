import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import type { Json } from '#libs/domain/json.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { collect } from '#test/support/collect.js';
import { scavenge } from '#test/support/scavenge.js';
import { newEvent } from '#test/support/new-event.js';
import { sequence } from '#test/support/sequence.js';

let log: TestLog;
let store: EventStore;
let gateway: TestGateway;

beforeAll(async () => {
  log = await startTestLog();
  store = new EventStore({ connectionString: log.connectionString });
  gateway = await startTestGateway(log);
});
afterAll(async () => {
  await gateway?.stop();
  await store?.close();
  await log?.stop();
});

/** Changes the retention of a stream as an operator does, and waits until no more than `left` of it can be read. */
const retain = async (stream: string, metadata: Json, left: number): Promise<void> => {
  await store.append(`$$${stream}`, [{ ...newEvent(), type: '$metadata', data: metadata }], 'any');
  const isHidden = async (): Promise<boolean> => (await collect(store.readStream(stream))).length === left;
  await waitFor(`${stream} to be hidden`, isHidden, 10_000, 50);
};

let number = 0;

/** Builds a channel with three messages of alice. Bob has seen the first one and is disconnected. */
const scene = async () => {
  number += 1;
  const [channel, alice, bob] = [`room-${number}`, `alice-${number}`, `bob-${number}`];
  await gateway.channel(channel);
  const keys = { alice: await gateway.bot(alice), bob: await gateway.bot(bob) };
  const here = await TestBot.connect(gateway.url, { key: keys.alice });
  await here.must('join', { channel });
  const away = await TestBot.connect(gateway.url, { key: keys.bob });
  await away.must('join', { channel });
  const ids = sequence(1, 3).map(() => uuidv7());
  const posts = ids.map((id, seq) => ({ id, channel, body: `message ${seq}` }));
  const first = [await here.must('post', posts[0])];
  await away.untilSeq(channel, 0);
  await away.must('ack', { [channel]: 0 });
  away.close();
  for (const post of posts.slice(1)) first.push(await here.must('post', post));
  await here.must('ack', { [channel]: 2 });
  return { channel, stream: `messages-${channel}`, bots: { alice, bob }, keys, here, posts, first };
};

/** Runs a function with a gateway that is started only now, so that it reads the streams as they are now. */
const laterGateway = async <Result>(
  use: (url: string, later: TestGateway) => Promise<Result>,
): Promise<Result> => {
  const later = await startTestGateway(log);
  try {
    return await use(later.url, later);
  } finally {
    await later.stop();
  }
};

describe.each([
  ['too old', { $maxAge: 1 }, 0],
  ['before where it is said to begin', { $tb: 3 }, 0],
  ['more than may be kept', { $maxCount: 1 }, 1],
])('a channel whose messages are %s', (_why, metadata, left) => {
  it('continues where it was: bots that had everything are up to date, and the others are told what is gone', async () => {
    const { channel, stream, keys, here, first } = await scene();
    await retain(stream, metadata, left);
    await laterGateway(async (url) => {
      const alice = await TestBot.connect(url, { key: keys.alice });
      expect(alice.ready.channels).toEqual([{ channel, cursor: 2, head: 2 }]);
      await alice.untilCaughtUp(channel);
      expect([alice.all('truncated'), alice.seqs(channel)]).toEqual([[], []]);
      const bob = await TestBot.connect(url, { key: keys.bob });
      await bob.untilCaughtUp(channel);
      expect(bob.all('truncated')).toEqual([{ channel, from: 1, to: 2 - left, reason: 'retention' }]);
      expect(bob.seqs(channel)).toEqual(sequence(3 - left, 2));
      const next = await alice.must('post', { id: uuidv7(), channel, body: 'the next' });
      expect(next['seq']).toBe(3);
      const there = await TestBot.connect(gateway.url, { key: keys.bob, consumer: 'another', resume: 'now' });
      expect((await there.must('post', { id: uuidv7(), channel, body: 'and one' }))['seq']).toBe(4);
      for (const bot of [alice, bob, there]) await bot.untilSeq(channel, 4);
      for (const bot of [alice, bob, there, here]) bot.close();
    });
    expect(first.map(({ seq }) => seq)).toEqual([0, 1, 2]);
  });

  it('repeats the first answer for what was accepted, at each gateway', async () => {
    const { stream, keys, here, posts, first } = await scene();
    await retain(stream, metadata, left);
    const again = async (bot: TestBot): Promise<void> => {
      for (const [index, post] of posts.entries())
        expect(await bot.must('post', post)).toEqual({ ...first[index], duplicate: true });
      const elsewhere = await bot.request('post', { ...posts[0], channel: 'general' });
      expect(['id_conflict', 'unknown_channel']).toContain(elsewhere.error?.code);
    };
    await again(here);
    await laterGateway(async (url) => again(await TestBot.connect(url, { key: keys.alice })));
    here.close();
  });

  it('allows its messages to be edited and redacted as before', async () => {
    const { channel, stream, keys, here, posts } = await scene();
    await retain(stream, metadata, left);
    const [{ id: target }, { id: other }] = posts as [(typeof posts)[0], (typeof posts)[0]];
    const edited = await here.must('edit', { id: uuidv7(), channel, target, body: 'anew' });
    expect(edited['seq']).toBe(3);
    await laterGateway(async (url) => {
      const alice = await TestBot.connect(url, { key: keys.alice });
      const withdrawn = await alice.must('redact', { id: uuidv7(), channel, target: other });
      expect(withdrawn['seq']).toBe(4);
      const bob = await TestBot.connect(url, { key: keys.bob });
      const refusal = await bob.request('redact', { id: uuidv7(), channel, target });
      expect(refusal.error).toMatchObject({ code: 'forbidden' });
      for (const bot of [alice, bob]) bot.close();
    });
    here.close();
  });
});

describe('a channel with scavenged messages', () => {
  it('accepts their ids only once: a gateway that saw them knows them, and one that starts later does not take them for new', async () => {
    const { channel, stream, keys, here, posts, first } = await scene();
    await retain(stream, { $tb: 3 }, 0);
    await scavenge(log.connectionString);
    expect(await here.must('post', posts[0])).toEqual({ ...first[0], duplicate: true });
    await laterGateway(async (url) => {
      const alice = await TestBot.connect(url, { key: keys.alice });
      // Only the read model would know, and there is none here.
      const { error } = await alice.request('post', posts[0]!);
      expect(error).toMatchObject({ code: 'read_model_unavailable', retryable: true });
      expect(await alice.must('post', posts[2])).toEqual({ ...first[2], duplicate: true });
      const bob = await TestBot.connect(url, { key: keys.bob });
      await bob.untilCaughtUp(channel);
      expect(bob.all('truncated')).toEqual([{ channel, from: 1, to: 2, reason: 'retention' }]);
      for (const bot of [alice, bob]) bot.close();
    });
    here.close();
  });
});

describe('a channel that keeps only one message', () => {
  it('accepts a burst of posts, each with its seq and time, and loses none for bots that are live', async () => {
    const { channel, stream, keys, here } = await scene();
    await retain(stream, { $maxCount: 1 }, 1);
    const bob = await TestBot.connect(gateway.url, { key: keys.bob });
    await bob.untilCaughtUp(channel);
    const replies = await Promise.all(
      sequence(3, 52).map((n) => here.must('post', { id: uuidv7(), channel, body: `burst ${n}` })),
    );
    expect(replies.map(({ seq }) => seq)).toEqual(sequence(3, 52));
    for (const { at } of replies) expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    await bob.untilSeq(channel, 52);
    expect(bob.seqs(channel).slice(-50)).toEqual(sequence(3, 52));
    for (const bot of [here, bob]) bot.close();
  });

  it('has only that one in its history', async () => {
    const { channel, stream, here } = await scene();
    await retain(stream, { $maxCount: 1 }, 1);
    for (const asked of [{}, { after: -1 }, { before: 3 }]) {
      const { messages } = await here.must('history', { channel, ...asked });
      expect((messages as { seq: number }[]).map(({ seq }) => seq)).toEqual([2]);
    }
    here.close();
  });
});

describe('a stream of ours that has no events left', () => {
  it('stores cursors again, after its last revision', async () => {
    const { channel, keys, bots, here } = await scene();
    here.close();
    const stream = `cursor-${bots.alice}.default`;
    await retain(stream, { $tb: 1_000 }, 0);
    await laterGateway(async (url) => {
      const alice = await TestBot.connect(url, { key: keys.alice, resume: { [channel]: 0 } });
      await alice.untilSeq(channel, 2);
      await alice.must('ack', { [channel]: 2 });
      alice.close();
    });
    await retain(stream, {}, (await lastRevisionOf(stream)) + 1);
  });

  it('accepts new members and keys at a gateway that was started later', async () => {
    const { channel, bots, here } = await scene();
    for (const stream of [`channel-${channel}`, `bot-${bots.bob}`]) await retain(stream, { $tb: 1_000 }, 0);
    await laterGateway(async (url, later) => {
      const name = `carol-${randomUUID().slice(0, 8)}`;
      const key = await later.bot(name);
      await later.member(channel, name);
      const carol = await TestBot.connect(url, { key });
      expect(carol.ready.channels).toMatchObject([{ channel, head: 2 }]);
      carol.close();
    });
    here.close();
  });
});

const lastRevisionOf = async (stream: string): Promise<number> => {
  let last = -1;
  const options = {
    direction: 'backwards',
    limit: 1,
    onLastRevision: (revision: number) => void (last = revision),
  } as const;
  for await (const { revision } of store.readStream(stream, options)) last = revision;
  return last;
};
