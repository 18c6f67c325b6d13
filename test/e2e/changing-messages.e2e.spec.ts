import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { sequence } from '#test/support/sequence.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';

const CHANNEL = 'changes';

let verbatim: Verbatim;
let alice: TestBot;
let bob: TestBot;
let target: string;

beforeAll(async () => {
  verbatim = await startVerbatim();
  await verbatim.createChannel(CHANNEL);
  const bots = await Promise.all(
    ['alice', 'bob'].map(async (name) => {
      const key = await verbatim.createBot(name);
      await verbatim.addMember(CHANNEL, name);
      return TestBot.connect(verbatim.url, { key });
    }),
  );
  [alice, bob] = bots as [TestBot, TestBot];
  target = uuidv7();
  await alice.must('post', { id: target, channel: CHANNEL, body: 'first' });
});

afterAll(async () => {
  for (const bot of [alice, bob]) bot?.close();
  await verbatim?.remove();
});

const edit = (over: object = {}) => ({ id: uuidv7(), channel: CHANNEL, target, body: 'anew', ...over });
const redact = (over: object = {}) => ({ id: uuidv7(), channel: CHANNEL, target, ...over });
const signal = (over: object = {}) => ({ channel: CHANNEL, type: 'typing', ...over });
const REQUESTS = { edit, redact, signal } as const;

const refusal = async (event: keyof typeof REQUESTS, over: object, bot = alice) => {
  const { error } = await bot.request(event, REQUESTS[event](over));
  expect(bot.socket.connected).toBe(true);
  return error;
};

describe('input rules', () => {
  it.each([
    ['edit', { id: 7 }, 'invalid_payload', /"id"/],
    ['edit', { target: undefined }, 'invalid_payload', /"target"/],
    ['edit', { target: 'the last one' }, 'invalid_payload', /"target"/],
    ['edit', { body: undefined }, 'invalid_payload', /"body"/],
    ['edit', { data: null }, 'invalid_payload', /"data"/],
    ['edit', { replyTo: uuidv7() }, 'invalid_payload', /^Unknown field "replyTo"/],
    ['edit', { channel: 'a b' }, 'invalid_name', /"channel"/],
    ['edit', { body: ' \n' }, 'empty_message', /^Message cannot be empty$/],
    ['edit', { body: 'x'.repeat(10_241) }, 'message_too_large', /10240/],
    ['edit', { body: 'x'.repeat(10_000), data: 'x'.repeat(239) }, 'message_too_large', /10240/],
    ['edit', { id: uuidv7({ msecs: Date.now() + 120_000 }) }, 'invalid_payload', /"id"/],
    ['redact', { id: undefined }, 'invalid_payload', /"id"/],
    ['redact', { target: null }, 'invalid_payload', /"target"/],
    ['redact', { reason: '' }, 'invalid_payload', /"reason"/],
    ['redact', { reason: 'x'.repeat(501) }, 'invalid_payload', /"reason"/],
    ['redact', { body: 'x' }, 'invalid_payload', /^Unknown field "body"/],
    ['signal', { type: undefined }, 'invalid_payload', /"type"/],
    ['signal', { type: 'x'.repeat(65) }, 'invalid_payload', /"type"/],
    ['signal', { data: null }, 'invalid_payload', /"data"/],
    ['signal', { data: 'x'.repeat(10_300) }, 'message_too_large', /10240/],
    ['signal', { id: uuidv7() }, 'invalid_payload', /^Unknown field "id"/],
    ['signal', { channel: '../etc' }, 'invalid_name', /"channel"/],
  ] as const)('%s with %j: %s', async (event, over, code, message) => {
    expect(await refusal(event, over)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('keep everybody from changing the messages of others', async () => {
    for (const event of ['edit', 'redact'] as const) {
      expect(await refusal(event, {}, bob)).toMatchObject({ code: 'forbidden', status: 403 });
      expect(await refusal(event, { target: uuidv7() })).toMatchObject({
        code: 'unknown_message',
        status: 404,
      });
    }
  });
});

describe('changing a message', () => {
  it('is seen by the members, and survives a restart of all processes', async () => {
    const edited = edit({ body: 'zweiter “Versuch” 🙂', data: { n: 2 } });
    const { seq } = await alice.must('edit', edited);
    await bob.untilSeq(CHANNEL, seq as number);
    expect(bob.messages(CHANNEL).at(-1)).toMatchObject({ kind: 'edited', bot: 'alice', ...edited });
    const redaction = redact({ reason: 'never mind' });
    const first = await alice.must('redact', redaction);
    await bob.untilSeq(CHANNEL, first['seq'] as number);
    const key = await verbatim.createBot('carol');
    await verbatim.addMember(CHANNEL, 'carol');
    await verbatim.killTree();
    verbatim = await startVerbatim({ home: verbatim.home });
    const carol = await TestBot.connect(verbatim.url, { key });
    const { messages } = (await carol.must('history', { channel: CHANNEL })) as unknown as {
      messages: object[];
    };
    expect(messages).toMatchObject([
      { kind: 'posted', id: target, body: '', redacted: true },
      { kind: 'edited', target, body: '', redacted: true },
      { kind: 'redacted', target, body: 'never mind' },
    ]);
    expect(JSON.stringify(messages)).not.toMatch(/first|Versuch/);
    carol.close();
    const again = await TestBot.connect(verbatim.url, { key: await keyFor('alice') });
    expect(await again.must('redact', redaction)).toEqual({ ...first, duplicate: true });
    again.close();
  });

  it('counts towards the rate limit, like signals and queries', async () => {
    const key = await verbatim.createBot('hasty');
    await verbatim.addMember(CHANNEL, 'hasty');
    const hasty = await TestBot.connect(verbatim.url, { key });
    const replies = await Promise.all(
      sequence(1, 300).flatMap(() => [
        hasty.request('signal', signal()),
        hasty.request('who', { channel: CHANNEL }),
        hasty.request('edit', edit()),
      ]),
    );
    const limited = replies.filter(({ error }) => error?.code === 'rate_limited');
    expect(limited.length).toBeGreaterThan(0);
    for (const { error } of limited) expect(error!.retryAfterMs).toBeGreaterThan(0);
    expect(hasty.socket.connected).toBe(true);
    hasty.close();
  });
});

const keyFor = async (bot: string): Promise<string> =>
  (await verbatim.request('POST', `/v1/bots/${bot}/keys`)).body['key'] as string;
