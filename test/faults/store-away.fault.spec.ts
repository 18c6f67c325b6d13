import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { sequence } from '../support/sequence.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Reply } from '#tools/harness/bots/test-bot.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { waitFor } from '#tools/harness/wait-for.js';

const CHANNEL = 'shared';
const QUEUE = 100;
const MORE = 40;
/** A post waits 30 s for the store. The rest is for everything else that takes time. */
const PATIENCE_MS = 45_000;

const REFUSAL = { ok: false, error: { code: 'store_unavailable', status: 503, retryable: true } };

describe('a gateway whose event store is away', () => {
  let roles: Roles;
  let api: VerbatimApi;
  let bot: TestBot;

  beforeAll(async () => {
    roles = await startRoles({ gateways: 1, admins: 1 });
    ({ api } = roles.gateways[0]!);
    await api.createChannel(CHANNEL);
    const key = await api.createBot('alice');
    await api.addMember(CHANNEL, 'alice');
    bot = await TestBot.connect(api.url, { key });
    await bot.say(CHANNEL, 'all is well');
  });

  afterAll(async () => {
    bot?.close();
    await roles?.remove();
  });

  const post = (body: string, id = uuidv7()): Promise<Reply> =>
    bot.socket.timeout(PATIENCE_MS).emitWithAck('post', { id, channel: CHANNEL, body }) as Promise<Reply>;

  /** Sends this many posts at once, and records in which order they were answered. */
  const postMany = (count: number, what: string) => {
    const answered: number[] = [];
    const posts = Array.from({ length: count }, (_, index) => ({ id: uuidv7(), body: `${what} ${index}` }));
    const replies = posts.map(async ({ id, body }, index) => {
      const reply = await post(body, id);
      answered.push(index);
      return reply;
    });
    return { posts, replies, answered };
  };

  const notices = (code: string): number =>
    bot.all('notice').filter((notice) => notice['code'] === code).length;

  const ready = async (): Promise<boolean> => (await fetch(`${api.url}/health/ready`)).ok;

  const restored = async (times: number): Promise<void> => {
    await roles.eventStore.start();
    await waitFor('the notice', () => notices('store_restored') === times, 20_000);
  };

  const lost = async (times: number): Promise<void> => {
    await roles.eventStore.kill();
    await waitFor('the notice', () => notices('store_unavailable') === times, 20_000);
  };

  it('reports the loss, lets posts wait, stores each once when the store is back, and reports that, too', async () => {
    await lost(1);
    const posting = Array.from({ length: QUEUE / 2 }, (_, index) => post(`waits ${index}`));
    await restored(1);
    const answers = await Promise.all(posting);
    expect(answers.map(({ ok, seq }) => [ok, seq])).toEqual(answers.map((_, index) => [true, index + 1]));
    await bot.untilSeq(CHANNEL, QUEUE / 2);
    expect(bot.seqs(CHANNEL)).toEqual(Array.from({ length: QUEUE / 2 + 1 }, (_, seq) => seq));
    expect(bot.socket.connected).toBe(true);
  });

  it(`lets at most ${QUEUE} posts wait, and none forever; a refused post may be sent again`, async () => {
    await lost(2);
    const { replies, answered } = postMany(QUEUE + MORE, 'too many');
    for (const reply of await Promise.all(replies)) expect(reply).toMatchObject(REFUSAL);
    // Posts that could wait were refused at the end of their time, so the newest ones, refused at once, came first.
    const atOnce = answered.slice(0, MORE).toSorted((one, other) => one - other);
    expect(atOnce).toEqual(sequence(QUEUE, QUEUE + MORE - 1));
    await restored(2);
    expect(await post('again')).toMatchObject({ ok: true });
  }, 90_000);

  it(`lets at most ${QUEUE} posts wait for a store that hangs, too`, async () => {
    roles.eventStore.pause();
    const { posts, replies } = postMany(QUEUE + MORE, 'hangs');
    const refused = await Promise.all(replies.slice(QUEUE)); // while the store still hangs
    roles.eventStore.resume();
    const taken = await Promise.all(replies.slice(0, QUEUE));
    for (const reply of refused) expect(reply).toMatchObject(REFUSAL);
    for (const reply of taken) expect(reply).toMatchObject({ ok: true });
    for (const { id, body } of posts.slice(QUEUE)) expect(await post(body, id)).toMatchObject({ ok: true });
    await bot.untilSeq(CHANNEL, bot.lastSeq(CHANNEL));
    const heard = bot.messages(CHANNEL).filter(({ body }) => body.startsWith('hangs'));
    expect(heard.map(({ id }) => id)).toEqual(posts.map(({ id }) => id));
  });

  it('sends no notice and loses nothing when the store only hangs for a while', async () => {
    const before = bot.lastSeq(CHANNEL);
    const told = notices('store_unavailable');
    roles.eventStore.pause();
    const posting = Array.from({ length: QUEUE / 2 }, (_, index) => post(`waits again ${index}`));
    await waitFor('the posts to be sent', () => bot.socket.io.engine.writeBuffer.length === 0);
    roles.eventStore.resume();
    for (const reply of await Promise.all(posting)) expect(reply).toMatchObject({ ok: true });
    await bot.untilSeq(CHANNEL, before + QUEUE / 2);
    expect(notices('store_unavailable')).toBe(told);
  });

  it('notices a store that hangs while nobody posts, reports it everywhere, and reports when it is over', async () => {
    await waitFor('readiness', ready);
    const [lostBefore, restoredBefore] = [notices('store_unavailable'), notices('store_restored')];
    roles.eventStore.pause();
    await waitFor('the notice', () => notices('store_unavailable') > lostBefore, 15_000);
    expect(await ready()).toBe(false);
    roles.eventStore.resume();
    await waitFor('the notice', () => notices('store_restored') > restoredBefore, 15_000);
    await waitFor('readiness', ready, 15_000);
    expect(await post('after all')).toMatchObject({ ok: true });
  });
});
