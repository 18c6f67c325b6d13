import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import type { Message } from '#libs/protocol/message.js';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { sequence } from '#test/support/sequence.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Reply } from '#tools/harness/bots/test-bot.js';

let log: TestLog;
let gateways: [TestGateway, TestGateway];
let bots: [TestBot, TestBot];
const channel = 'contested';

beforeAll(async () => {
  log = await startTestLog();
  const env = { VERBATIM_RATE_LIMIT: '100000', VERBATIM_RATE_BURST: '100000' };
  const one = await startTestGateway(log, env);
  const two = await startTestGateway(log, env);
  gateways = [one, two];
  await one.channel(channel);
  const key = await one.bot('carol');
  const first = await TestBot.connect(one.url, { key, consumer: 'first' });
  await first.must('join', { channel });
  const second = await TestBot.connect(two.url, { key, consumer: 'second' });
  await second.untilCaughtUp(channel);
  bots = [first, second];
});
afterAll(async () => {
  for (const bot of bots) bot.close();
  for (const gateway of gateways) await gateway.stop();
  await log.stop();
});

const bodiesInLog = async (): Promise<string[]> => {
  const store = new EventStore({ connectionString: log.connectionString });
  const bodies: string[] = [];
  for await (const { data } of store.readStream(`messages-${channel}`))
    bodies.push((data as { body: string }).body);
  await store.close();
  return bodies;
};

describe('two gateways that get one id for one channel at the same moment', () => {
  it('with different content answer one post with its seq, the other with id_conflict', async () => {
    const rounds = sequence(1, 150).map(() => uuidv7());
    const replies = await Promise.all(
      rounds.map((id) =>
        Promise.all(bots.map((bot, index) => bot.request('post', { id, channel, body: `${index}: ${id}` }))),
      ),
    );
    const bodies = await bodiesInLog();
    for (const [at, pair] of replies.entries()) {
      const winner = pair.findIndex(({ ok }) => ok);
      expect(pair[1 - winner]).toMatchObject({ ok: false, error: { code: 'id_conflict' } });
      expect(pair[winner]).not.toHaveProperty('duplicate');
      expect(bodies[pair[winner]!['seq'] as number]).toBe(`${winner}: ${rounds[at]}`);
    }
  });

  it('with the same content answer one post as new, the other as a duplicate with the same seq', async () => {
    const rounds = sequence(1, 150).map(() => uuidv7());
    const replies = await Promise.all(
      rounds.map((id) => Promise.all(bots.map((bot) => bot.must('post', { id, channel, body: id })))),
    );
    for (const [one, two] of replies) {
      expect([one!['seq'], one!['at']]).toEqual([two!['seq'], two!['at']]);
      expect([one!['duplicate'], two!['duplicate']].filter(Boolean)).toEqual([true]);
    }
  });
});

describe('two gateways that get one id for two redactions at the same moment', () => {
  it('both hide what the redaction in the log names, and nothing else', async () => {
    const say = async (body: string): Promise<string> => {
      const id = uuidv7();
      await bots[0].must('post', { id, channel, body });
      return id;
    };
    const pairs = await Promise.all(
      sequence(1, 60).map(async (n) => [await say(`${n} one`), await say(`${n} two`)] as const),
    );
    const last = await bots[0].must('post', { id: uuidv7(), channel, body: 'all is said' });
    for (const bot of bots) await bot.untilSeq(channel, last['seq'] as number);
    const replies = await Promise.all(
      pairs.map((targets) => {
        const id = uuidv7();
        return Promise.all(
          bots.map((bot, at) => bot.request('redact', { id, channel, target: targets[at] })),
        );
      }),
    );
    const named = replies.map(([one], at) => pairs[at]![one!.ok ? 0 : 1]);
    for (const bot of bots) {
      await bot.untilSeq(channel, (last['seq'] as number) + pairs.length);
      const { messages } = await bot.must('history', { channel, limit: 200 });
      const hidden = (messages as Message[]).filter(({ redacted }) => redacted).map(({ id }) => id);
      expect(hidden.toSorted()).toEqual(named.toSorted());
    }
    for (const pair of replies)
      expect(pair.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'id_conflict' } });
  });
});

describe('two gateways on one hot channel', () => {
  it('both make progress, and each bot’s posts keep their order', async () => {
    const before = (await bodiesInLog()).length;
    const posts = bots.map((bot, index) =>
      sequence(1, 1_000).map((n) => bot.must('post', { id: uuidv7(), channel, body: `${index} ${n}` })),
    );
    const [one, two] = (await Promise.all(posts.map((answers) => Promise.all(answers)))) as [
      Reply[],
      Reply[],
    ];
    for (const answers of [one, two]) {
      const seqs = answers.map(({ seq }) => seq as number);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    }
    expect((await bodiesInLog()).length).toBe(before + 2_000);
  });
});
