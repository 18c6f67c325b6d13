import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChangeDirectoryCommand } from '#libs/directory/change-directory.command.js';
import { ChangeDirectoryHandler } from '#libs/directory/change-directory.handler.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Reply } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { sequence } from '#test/support/sequence.js';
import { messageEvent } from './message-event.js';

const RATE = { VERBATIM_RATE_LIMIT: '1', VERBATIM_RATE_BURST: '60' };

let log: TestLog;
let gateway: TestGateway;

beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log, RATE);
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await gateway?.stop();
  await log?.stop();
});

let number = 0;

/** Builds a bot in a channel of its own, with its accepted requests and their answers. */
const accepted = async () => {
  number += 1;
  const [bot, channel] = [`alice-${number}`, `room-${number}`];
  await gateway.channel(channel);
  const key = await gateway.bot(bot);
  const alice = await TestBot.connect(gateway.url, { key });
  await alice.must('join', { channel });
  const [target, withdrawn] = [uuidv7(), uuidv7()];
  const requests: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    post: { id: target, channel, body: 'hello', data: { n: 1 } },
    edit: { id: uuidv7(), channel, target, body: 'hello again' },
    redact: { id: uuidv7(), channel, target: withdrawn, reason: 'a mistake' },
  };
  await alice.must('post', { id: withdrawn, channel, body: 'said too much' });
  const first = new Map<string, Reply>();
  for (const [verb, request] of Object.entries(requests)) first.set(verb, await alice.must(verb, request));
  const act = (command: object): Promise<unknown> =>
    gateway.app
      .get(ChangeDirectoryHandler)
      .execute(new ChangeDirectoryCommand({ ...command, channel } as never, { kind: 'system' }));
  const overHttp = async (body: unknown = requests['post']): Promise<object> => {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };
  return { bot, channel, alice, requests, first, act, overHttp };
};

type Scene = Awaited<ReturnType<typeof accepted>>;

const expectFirstAnswers = async ({ alice, requests, first, overHttp }: Scene): Promise<void> => {
  for (const [verb, request] of Object.entries(requests))
    expect(await alice.request(verb, request), verb).toEqual({ ...first.get(verb), duplicate: true });
  const { ok: _ok, ...posted } = first.get('post')!;
  expect(await overHttp()).toEqual({ status: 200, ...posted, duplicate: true });
};

const codeOf = (reply: Reply): unknown => reply.error?.code;

describe('a request that was accepted gets its first answer again', () => {
  it.each([
    ['its channel is archived', 'channel_archived', ({ act }: Scene) => act({ type: 'ArchiveChannel' })],
    [
      'the bot has left',
      'forbidden',
      ({ alice, channel }: Scene) => alice.must('leave', { channel }) as Promise<unknown>,
    ],
    ['the bot was removed', 'forbidden', ({ act, bot }: Scene) => act({ type: 'LeaveChannel', bot })],
  ])('after %s', async (_what, code, change) => {
    const scene = await accepted();
    await change(scene);
    const { alice, channel, requests } = scene;
    const isRefused = async (): Promise<boolean> =>
      codeOf(await alice.request('post', { id: uuidv7(), channel, body: 'new' })) === code;
    await waitFor(code, isRefused, 5_000, 50);
    await expectFirstAnswers(scene);
    const other = { ...requests['post'], body: 'something else' };
    expect(codeOf(await alice.request('post', other))).toBe('id_conflict');
    alice.close();
  });

  it('beyond the rate limit, although nothing new is accepted', async () => {
    const scene = await accepted();
    const { alice, channel, requests, first, overHttp } = scene;
    const [again, changed, fresh] = await Promise.all([
      ...sequence(1, 70).map((n) => alice.request('post', { id: uuidv7(), channel, body: `flood ${n}` })),
      alice.request('post', requests['post']),
      alice.request('post', { ...requests['post'], body: 'something else' }),
      alice.request('post', { id: uuidv7(), channel, body: 'new' }),
    ]).then((replies) => replies.slice(-3) as [Reply, Reply, Reply]);
    expect(again).toEqual({ ...first.get('post'), duplicate: true });
    expect([codeOf(changed), codeOf(fresh)]).toEqual(['rate_limited', 'rate_limited']);
    expect(await overHttp()).toMatchObject({ status: 200, seq: first.get('post')!['seq'], duplicate: true });
    alice.close();
  });

  it('after the clock was set back; new requests are refused and may be sent again', async () => {
    const scene = await accepted();
    const { alice, channel } = scene;
    const fresh = { id: uuidv7(), channel, body: 'new' };
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 90_000 });
    await expectFirstAnswers(scene);
    const { error } = await alice.request('post', fresh);
    expect(error).toMatchObject({ code: 'invalid_payload', retryable: true });
    expect(error!.retryAfterMs).toBeGreaterThan(50_000);
    vi.useRealTimers();
    expect(await alice.must('post', fresh)).not.toHaveProperty('duplicate');
    alice.close();
  });

  it.each([
    ['longer than a message may be now', { body: 'x'.repeat(20_000) }, 'message_too_large'],
    ['blank', { body: ' ' }, 'empty_message'],
    [
      'with a correlation id longer than it may be now',
      { correlationId: 'c'.repeat(200) },
      'invalid_payload',
    ],
  ])('%s', async (_what, over, code) => {
    const { alice, bot, channel, overHttp } = await accepted();
    const store = new EventStore({ connectionString: log.connectionString });
    const post = { id: uuidv7(), channel, body: 'hello', ...over };
    const event = messageEvent({ type: 'MessagePosted', data: { ...post, bot } }, 'an older version');
    const { revision } = await store.append(`messages-${channel}`, [event], 3);
    await store.close();
    await alice.untilSeq(channel, revision);
    const [{ at } = { at: '' }] = alice.messages(channel).filter(({ seq }) => seq === revision);
    const first = { id: post.id, channel, seq: revision, at, duplicate: true };
    expect(await alice.request('post', post)).toEqual({ ok: true, ...first });
    expect(await overHttp(post)).toEqual({ status: 200, ...first });
    expect(codeOf(await alice.request('post', { ...post, id: uuidv7() }))).toBe(code);
    alice.close();
  });
});
