import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { sequence } from '#test/support/sequence.js';
import { postSteadily } from '#test/support/steady-posts.js';
import { Refused, TestBot } from '#tools/harness/bots/test-bot.js';
import type { Auth } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

let verbatim: Verbatim;
let keys: { alice: string; bob: string };
let alice: TestBot;
const open: TestBot[] = [];

type Options = Parameters<typeof TestBot.connect>[2];

/** Connects bob under a consumer name. Each test uses its own, and so has its own cursors. */
const connectBob = async (auth: Auth, options?: Options): Promise<TestBot> => {
  const bob = await TestBot.connect(verbatim.url, { key: keys.bob, ...auth }, options);
  open.push(bob);
  return bob;
};

let channelsMade = 0;
const newChannel = async (): Promise<string> => {
  const channel = `resume-${(channelsMade += 1)}`;
  await verbatim.createChannel(channel);
  for (const bot of ['alice', 'bob']) await verbatim.addMember(channel, bot);
  return channel;
};

const say = async (channel: string, count: number): Promise<number> => {
  const answers = await Promise.all(
    sequence(1, count).map((n) => alice.must('post', { id: uuidv7(), channel, body: `message ${n}` })),
  );
  return answers.at(-1)!['seq'] as number;
};

const refusal = async (auth: Auth): Promise<unknown> => {
  const error: unknown = await connectBob(auth).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Refused);
  return (error as Refused).error;
};

beforeAll(async () => {
  verbatim = await startVerbatim({ env: { VERBATIM_RATE_LIMIT: '5000', VERBATIM_RATE_BURST: '5000' } });
  keys = { alice: await verbatim.createBot('alice'), bob: await verbatim.createBot('bob') };
  alice = await TestBot.connect(verbatim.url, { key: keys.alice });
});

afterAll(async () => {
  alice?.close();
  await verbatim?.remove();
});

afterEach(() => {
  for (const bot of open.splice(0)) bot.close();
});

describe('a bot that was cut off', () => {
  it('gets exactly what came after its last acknowledgement, then live messages', async () => {
    const channel = await newChannel();
    const before = await connectBob({ consumer: 'stored' });
    await before.untilCaughtUp(channel);
    await say(channel, 10);
    await before.untilSeq(channel, 9);
    expect(await before.request('ack', { [channel]: 6 })).toEqual({ ok: true });
    before.cut();
    await say(channel, 5);
    const after = await connectBob({ consumer: 'stored', resume: 'stored' });
    expect(after.ready.channels).toContainEqual({ channel, cursor: 6, head: 14 });
    await after.untilCaughtUp(channel);
    await say(channel, 1);
    await after.untilSeq(channel, 15);
    expect(after.seqs(channel)).toEqual(sequence(7, 15));
    expect(after.all('backlog')[0]).toMatchObject({ channel, more: false, missed: 8 });
    expect(after.all('caughtup')).toContainEqual({ channel, seq: 14 });
    expect(after.all('message').filter((message) => message['channel'] === channel)).toHaveLength(1);
  });

  it('need not acknowledge a backlog twice: acknowledging it moves the cursor', async () => {
    const channel = await newChannel();
    await say(channel, 3);
    const first = await connectBob({ consumer: 'moves' });
    await first.untilCaughtUp(channel);
    await say(channel, 1);
    await first.untilSeq(channel, 3);
    first.cut();
    const second = await connectBob({ consumer: 'moves' });
    await second.untilCaughtUp(channel);
    expect(second.seqs(channel)).toEqual([3]);
  });

  it('receives a backlog again that it did not acknowledge', async () => {
    const channel = await newChannel();
    await say(channel, 3);
    const silent = await connectBob({ consumer: 'silent' }, { acknowledge: false });
    await silent.untilSeq(channel, 2);
    silent.cut();
    const again = await connectBob({ consumer: 'silent' });
    await again.untilCaughtUp(channel);
    expect(again.seqs(channel)).toEqual([0, 1, 2]);
  });

  it('gets a long backlog in batches, at most two of them unacknowledged', async () => {
    const channel = await newChannel();
    await say(channel, 1_100);
    const bob = await connectBob({ consumer: 'batches' }, { acknowledge: false });
    const batches = (): Record<string, unknown>[] =>
      bob.all('backlog').filter((batch) => batch['channel'] === channel);
    await waitFor('two batches', () => batches().length === 2);
    // Had the server read a third batch, it would have come before the answers to these reads, which began later.
    for (const after of sequence(1, 5)) await bob.must('history', { channel, after, limit: 200 });
    expect(batches()).toHaveLength(2);
    while (!bob.all('caughtup').some((one) => one['channel'] === channel)) {
      await waitFor('a batch to acknowledge', () => bob.owed.length > 0 || bob.all('caughtup').length > 0);
      for (const acknowledge of bob.owed.splice(0)) acknowledge();
      await bob.must('history', { channel, limit: 1 });
    }
    expect(bob.seqs(channel)).toEqual(sequence(0, 1_099));
    expect(batches().map(({ missed }) => missed)).toEqual(batches().map(() => 1_100));
    expect(batches().map(({ more }) => more)).toEqual([
      ...batches()
        .slice(1)
        .map(() => true),
      false,
    ]);
  });
});

describe('a bot that says where it wants to start', () => {
  it('skips what it missed with `now`', async () => {
    const channel = await newChannel();
    await say(channel, 5);
    const bob = await connectBob({ consumer: 'now', resume: 'now' });
    await bob.untilCaughtUp(channel);
    await say(channel, 1);
    await bob.untilSeq(channel, 5);
    expect(bob.seqs(channel)).toEqual([5]);
    bob.close();
    // The cursor has moved as well.
    const later = await connectBob({ consumer: 'now' });
    expect(later.ready.channels).toContainEqual({ channel, cursor: 4, head: 5 });
  });

  it('starts where its map says, and in other channels at the stored cursor', async () => {
    const [named, other] = [await newChannel(), await newChannel()];
    await say(named, 5);
    await say(other, 5);
    const first = await connectBob({ consumer: 'map' });
    await Promise.all([first.untilCaughtUp(named), first.untilCaughtUp(other)]);
    await first.must('ack', { [named]: 4, [other]: 4 });
    first.cut();
    await say(other, 1);
    const second = await connectBob({ consumer: 'map', resume: { [named]: 1 } });
    await Promise.all([second.untilCaughtUp(named), second.untilCaughtUp(other)]);
    expect(second.seqs(named)).toEqual([2, 3, 4]);
    expect(second.seqs(other)).toEqual([5]);
  });

  it('starts at the very beginning with −1', async () => {
    const channel = await newChannel();
    await say(channel, 3);
    const bob = await connectBob({ consumer: 'start', resume: { [channel]: -1 } });
    await bob.untilCaughtUp(channel);
    expect(bob.seqs(channel)).toEqual([0, 1, 2]);
  });

  it('is refused at a seq that does not exist yet, and no cursor moves', async () => {
    const channel = await newChannel();
    await say(channel, 3);
    expect(await refusal({ consumer: 'past', resume: { [channel]: 3 } })).toMatchObject({
      code: 'unknown_position',
      status: 400,
    });
    const bob = await connectBob({ consumer: 'past' });
    expect(bob.ready.channels).toContainEqual({ channel, cursor: -1, head: 2 });
    expect((await bob.request('ack', { [channel]: 3 })).error).toMatchObject({ code: 'unknown_position' });
  });

  it('is refused in a channel that it is not in', async () => {
    await verbatim.createChannel('strangers-only');
    expect(await refusal({ resume: { 'strangers-only': 0 } })).toMatchObject({ code: 'forbidden' });
    expect(await refusal({ resume: { 'never-opened': 0 } })).toMatchObject({ code: 'unknown_channel' });
  });
});

describe('the limit of a backlog', () => {
  it('by count says what it leaves out', async () => {
    const channel = await newChannel();
    await say(channel, 10);
    const bob = await connectBob({ consumer: 'count', backlog: { maxCount: 3 } });
    await bob.untilCaughtUp(channel);
    expect(bob.seqs(channel)).toEqual([7, 8, 9]);
    const skipped = bob.all('skipped').filter((one) => one['channel'] === channel);
    expect(skipped).toEqual([{ channel, from: 0, to: 6, reason: 'max_count' }]);
  });

  it('by age says what it leaves out', async () => {
    const channel = await newChannel();
    await say(channel, 4);
    const listed = await alice.must('history', { channel, limit: 1 });
    const { at } = (listed['messages'] as { at: string }[])[0]!;
    await waitFor('the messages to be 300 ms old', () => Date.now() - Date.parse(at) > 300);
    await say(channel, 2);
    const bob = await connectBob({ consumer: 'age', backlog: { maxAgeMs: 250 } });
    await bob.untilCaughtUp(channel);
    const skipped = bob.all('skipped').find((one) => one['channel'] === channel)!;
    expect(skipped).toMatchObject({ from: 0, reason: 'max_age' });
    expect(bob.seqs(channel)).toEqual(sequence((skipped['to'] as number) + 1, 5));
    expect(skipped['to']).toBeGreaterThanOrEqual(3);
  });
});

describe('consumers', () => {
  it('of one bot have separate cursors', async () => {
    const channel = await newChannel();
    await say(channel, 2);
    const [one, two] = [await connectBob({ consumer: 'one' }), await connectBob({ consumer: 'two' })];
    await Promise.all([one.untilCaughtUp(channel), two.untilCaughtUp(channel)]);
    expect([one.seqs(channel), two.seqs(channel)]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('have one connection each: the newest takes over, and the older one is told', async () => {
    const older = await connectBob({ consumer: 'single' });
    const newer = await connectBob({ consumer: 'single' });
    await older.untilDisconnected();
    expect(older.all('notice')).toContainEqual(expect.objectContaining({ code: 'superseded' }));
    expect(newer.socket.connected).toBe(true);
    expect((await newer.request('ack', {})).ok).toBe(true);
  });
});

describe('backlog and live messages join', () => {
  it('without a gap or a repeat, over 20 reconnects while 200 messages a second arrive', async () => {
    const channel = await newChannel();
    const load = postSteadily(alice, channel, 200);
    const all: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const bob = await connectBob({ consumer: 'meet', resume: { [channel]: all.at(-1) ?? -1 } });
      // Some rounds end inside the backlog, some at the switch to live messages, some after it.
      if (round % 3 === 0) await waitFor('a message', () => bob.seqs(channel).length > 0, 10_000, 1);
      else await bob.untilCaughtUp(channel);
      if (round % 3 === 2) await waitFor('live messages', () => bob.all('message').length >= 10, 10_000, 1);
      bob.cut();
      await bob.untilDisconnected();
      all.push(...bob.seqs(channel));
    }
    const last = (await load.stop()) - 1;
    const bob = await connectBob({ consumer: 'meet', resume: { [channel]: all.at(-1)! } });
    await bob.untilCaughtUp(channel);
    all.push(...bob.seqs(channel));
    expect(all).toEqual(sequence(0, last));
    expect(last).toBeGreaterThan(100);
  });

  it('when resuming from stored cursors: each connection starts right after what was acknowledged', async () => {
    const channel = await newChannel();
    const load = postSteadily(alice, channel, 200);
    let acknowledged = -1;
    for (let round = 0; round < 5; round += 1) {
      const bob = await connectBob({ consumer: 'acknowledging' }, { acknowledge: false });
      await waitFor('messages', () => bob.seqs(channel).length >= 20, 10_000, 1);
      const seqs = bob.seqs(channel);
      expect(seqs).toEqual(sequence(acknowledged + 1, acknowledged + seqs.length));
      acknowledged = seqs.at(-1)!;
      await bob.must('ack', { [channel]: acknowledged });
      bob.cut();
    }
    await load.stop();
  });
});
