import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRoles } from '../support/roles.js';
import type { Roles } from '../support/roles.js';
import { TestBot } from '../support/test-bot.js';
import type { Reply } from '../support/test-bot.js';
import type { VerbatimApi } from '../support/verbatim-api.js';
import { waitFor } from '../support/wait-for.js';

const CHANNEL = 'shared';
const QUEUE = 100;
const MORE = 40;
/** A post waits 30 s for the store; what else takes time comes on top. */
const PATIENCE_MS = 45_000;

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

  const post = (body: string): Promise<Reply> =>
    bot.socket
      .timeout(PATIENCE_MS)
      .emitWithAck('post', { id: uuidv7(), channel: CHANNEL, body }) as Promise<Reply>;

  const notices = (code: string): number =>
    bot.all('notice').filter((notice) => notice['code'] === code).length;

  const restored = async (times: number): Promise<void> => {
    await roles.eventStore.start();
    await waitFor('the notice', () => notices('store_restored') === times, 20_000);
  };

  const lost = async (times: number): Promise<void> => {
    await roles.eventStore.kill();
    await waitFor('the notice', () => notices('store_unavailable') === times, 20_000);
  };

  it('says so, lets posts wait, stores each once when it is back, and says that, too', async () => {
    await lost(1);
    const posting = Array.from({ length: QUEUE / 2 }, (_, index) => post(`waits ${index}`));
    await restored(1);
    const answers = await Promise.all(posting);
    expect(answers.map(({ ok, seq }) => [ok, seq])).toEqual(answers.map((_, index) => [true, index + 1]));
    await bot.untilSeq(CHANNEL, QUEUE / 2);
    expect(bot.seqs(CHANNEL)).toEqual(Array.from({ length: QUEUE / 2 + 1 }, (_, seq) => seq));
    expect(bot.socket.connected).toBe(true);
  });

  it(`lets ${QUEUE} posts wait and no more, and none longer than 30 s: what is refused may be sent again`, async () => {
    await lost(2);
    const began = performance.now();
    const posting = Array.from({ length: QUEUE + MORE }, async (_, index) => {
      const reply = await post(`too many ${index}`);
      return { reply, afterMs: performance.now() - began };
    });
    const atOnce = await Promise.all(posting.slice(QUEUE));
    const late = await Promise.all(posting.slice(0, QUEUE));
    const refusal = { ok: false, error: { code: 'store_unavailable', status: 503, retryable: true } };
    for (const { reply } of [...atOnce, ...late]) expect(reply).toMatchObject(refusal);
    // Those that waited had their time; the others were refused long before.
    expect(Math.min(...late.map(({ afterMs }) => afterMs))).toBeGreaterThan(29_000);
    expect(Math.max(...atOnce.map(({ afterMs }) => afterMs))).toBeLessThan(29_000);
    await restored(2);
    expect(await post('again')).toMatchObject({ ok: true });
  }, 90_000);

  it('is told nothing, and nothing is lost, when the store only hangs for a while', async () => {
    const before = bot.lastSeq(CHANNEL);
    roles.eventStore.pause();
    const posting = Array.from({ length: QUEUE / 2 }, (_, index) => post(`hangs ${index}`));
    await waitFor('the posts to be sent', () => bot.socket.io.engine.writeBuffer.length === 0);
    roles.eventStore.resume();
    for (const reply of await Promise.all(posting)) expect(reply).toMatchObject({ ok: true });
    await bot.untilSeq(CHANNEL, before + QUEUE / 2);
    expect(notices('store_unavailable')).toBe(2);
  });
});
