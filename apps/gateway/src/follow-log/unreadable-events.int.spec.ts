import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, binaryEvent } from '@eventstore/db-client';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { STREAM_FAMILIES } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import { sequence } from '#test/support/sequence.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import type { Json } from '#libs/domain/json.js';

let log: TestLog;
let gateway: TestGateway;
let outsider: EventStore;
let key: string;
const RATE = { VERBATIM_RATE_LIMIT: '100000', VERBATIM_RATE_BURST: '100000' };

beforeAll(async () => {
  log = await startTestLog();
  outsider = new EventStore({ connectionString: log.connectionString });
  gateway = await startTestGateway(log, RATE);
  key = await gateway.bot('ada');
});
afterAll(async () => {
  await gateway.stop();
  await outsider.close();
  await log.stop();
});

/** Appends an event as somebody would who has access to the store but not our code. Resolves with its place. */
const forge = async (stream: string, type: string, data: Json, metadata: object = {}): Promise<number> => {
  const eventId = randomUUID();
  const own = {
    actor: { kind: 'system' },
    $correlationId: eventId,
    $causationId: eventId,
    schema: 1,
    node: 'x',
  } as const;
  const event = { eventId, type, data, metadata: { ...own, ...metadata } };
  const { revision, position } = await outsider.append(stream, [event], 'any');
  if (!stream.startsWith('cursor-')) await gateway.app.get(LogFeed).reached(position, 10_000);
  return revision;
};

const restart = async (): Promise<void> => {
  await gateway.stop();
  gateway = await startTestGateway(log, RATE);
};

let number = 0;
/** Builds a channel of the test's own with two messages of ada. */
const scene = async (): Promise<string> => {
  const channel = `room-${(number += 1)}`;
  await gateway.channel(channel);
  await gateway.member(channel, 'ada');
  const bot = await TestBot.connect(gateway.url, { key });
  for (const body of ['one', 'two']) await bot.say(channel, body);
  bot.close();
  return channel;
};

/** Returns everything that a bot with no cursor gets from a channel. */
const delivered = async (channel: string): Promise<number[]> => {
  const bot = await TestBot.connect(gateway.url, {
    key,
    consumer: `c-${uuidv7()}`,
    resume: { [channel]: -1 },
  });
  await bot.untilCaughtUp(channel);
  const seqs = bot.seqs(channel);
  bot.close();
  return seqs;
};

/** Returns the code of the answer to a post. */
const post = async (channel: string): Promise<string> => {
  const bot = await TestBot.connect(gateway.url, { key, consumer: `c-${uuidv7()}` });
  const { ok, error } = (await bot.request('post', { id: uuidv7(), channel, body: 'more' })) as {
    ok: boolean;
    error?: { code: string };
  };
  bot.close();
  return ok ? 'ok' : error!.code;
};

const named = (): string => gateway.app.get(HealthRegistry).report().components['events']?.detail ?? '';

const posted = (channel: string, over: object = {}): Json => ({
  id: uuidv7(),
  channel,
  bot: 'ada',
  body: 'b',
  ...over,
});

describe('an event in a channel that nobody understands', () => {
  it.each([
    ['of no shape', 'MessagePosted', () => ({ forged: true }), {}],
    ['that is no object', 'MessagePosted', () => null, {}],
    [
      'with a body that is no text',
      'MessagePosted',
      (channel: string) => posted(channel, { body: { a: 1 } }),
      {},
    ],
    ['of another channel', 'MessagePosted', () => posted('elsewhere'), {}],
    ['with an id that is no UUID', 'MessagePosted', (channel: string) => posted(channel, { id: 'one' }), {}],
    ['of a later version', 'MessagePosted', posted, { schema: 2 }],
    ['of no version', 'MessagePosted', posted, { schema: 'x' }],
    ['of a type nobody knows', 'MessagePainted', posted, {}],
    ['of a type like those of the store', '$metadata', posted, {}],
    ['that ends no stream', '$streamDeleted', posted, {}],
    ['with a redaction of nothing', 'MessageRedacted', (channel: string) => posted(channel), {}],
    [
      'as large as an append',
      'MessagePosted',
      (channel: string) => posted(channel, { body: 'x'.repeat(900_000) }),
      {},
    ],
  ])('%s stops that channel there and nothing else', async (_kind, type, data, metadata) => {
    const [hit, whole] = [await scene(), await scene()];
    const live = await TestBot.connect(gateway.url, { key });
    await live.untilCaughtUp(whole);
    const revision = await forge(`messages-${hit}`, type, data(hit), metadata);
    expect(revision).toBe(2);
    await live.say(whole, 'three');
    await live.untilSeq(whole, 2);
    expect(await post(hit)).toBe('channel_damaged');
    expect((await live.request('history', { channel: hit })).error).toMatchObject({
      code: 'channel_damaged',
      status: 503,
      retryable: true,
    });
    expect((await live.must('history', { channel: hit, before: 2 }))['messages']).toHaveLength(2);
    live.close();
    expect([await delivered(hit), await delivered(whole)]).toEqual([sequence(0, 1), sequence(0, 2)]);
    expect(gateway.app.get(EventStore).unreadable.undecidedEvents).toContainEqual(
      expect.objectContaining({
        stream: `messages-${hit}`,
        revision: 2,
        position: expect.anything() as unknown,
      }),
    );
  });

  it('shows in health and metrics, does not prevent a start, and is not forgotten by one', async () => {
    const [hit, whole] = [await scene(), await scene()];
    await forge(`messages-${hit}`, 'MessagePosted', { forged: true });
    expect(named()).toContain(`can't be understood: `);
    await restart();
    expect(gateway.app.get(HealthRegistry).report()).toMatchObject({ ready: true });
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(
      /^verbatim_unreadable_events\{family="messages"\} [1-9]/m,
    );
    expect([await post(hit), await post(whole)]).toEqual(['channel_damaged', 'ok']);
    expect([await delivered(hit), await delivered(whole)]).toEqual([sequence(0, 1), sequence(0, 2)]);
  });

  it('may be bytes that are not marked as JSON, in any stream of ours', async () => {
    const channel = await scene();
    const client = EventStoreDBClient.connectionString(log.connectionString);
    for (const family of STREAM_FAMILIES) {
      const id = family === 'gateways' ? 'heartbeats' : family === 'cursor' ? 'bytes.default' : 'bytes';
      await client.appendToStream(
        `${family}-${id}`,
        binaryEvent({ type: 'MessagePosted', data: Buffer.from([0, 255]) }),
      );
    }
    await client.dispose();
    await restart();
    expect(await post(channel)).toBe('ok');
  });
});

describe('an event about a bot that nobody understands', () => {
  it('closes that bot, also after a start, and no other', async () => {
    const channel = await scene();
    const eve = await gateway.bot('eve');
    const live = await TestBot.connect(gateway.url, { key: eve });
    await forge('bot-eve', 'KeyRevoked', { bot: 'eve', keyId: 7 });
    await waitFor('the session to end', () => Promise.resolve(!live.socket.connected));
    for (const attempt of [1, 2]) {
      await expect(TestBot.connect(gateway.url, { key: eve })).rejects.toThrow(/closed|forbidden/);
      expect(await post(channel)).toBe('ok');
      if (attempt === 1) await restart();
    }
  });
});

describe('an event about a channel that nobody understands', () => {
  it('closes that channel, for members that are connected too, and no other', async () => {
    const [hit, whole] = [await scene(), await scene()];
    const live = await TestBot.connect(gateway.url, { key });
    await live.untilCaughtUp(hit);
    await forge(`channel-${hit}`, 'BotLeft', { channel: hit, bot: ['ada'] });
    expect((await live.request('post', { id: uuidv7(), channel: hit, body: 'b' })).error?.code).toBe(
      'channel_damaged',
    );
    live.close();
    expect([await post(hit), await post(whole)]).toEqual(['channel_damaged', 'ok']);
    await restart();
    expect([await post(hit), await post(whole)]).toEqual(['channel_damaged', 'ok']);
  });
});

describe("an event in a consumer's or a bot's presence stream that nobody understands", () => {
  it('costs the consumer at most a longer backlog, and presence continues', async () => {
    const channel = await scene();
    const consumer = 'steady';
    const first = await TestBot.connect(gateway.url, { key, consumer }, { acknowledge: false });
    await first.until('backlog');
    await first.must('ack', { [channel]: 0 });
    first.close();
    await forge(`cursor-ada.${consumer}`, 'CursorAdvanced', { cursors: { [channel]: 'far' } });
    await forge('presence-ada', 'BotConnected', { gateway: 7 });
    await forge('presence-ada', 'Unheard', null);
    await forge('gateways-heartbeats', 'GatewayStopped', 'all');
    for (const attempt of [1, 2]) {
      const bot = await TestBot.connect(
        gateway.url,
        { key, consumer, resume: 'stored' },
        { acknowledge: false },
      );
      await bot.untilSeq(channel, 1);
      expect(bot.seqs(channel)).toEqual([1]);
      await waitFor('presence', async () =>
        JSON.stringify(await bot.must('who', { channel })).includes('online'),
      );
      bot.close();
      if (attempt === 1) await restart();
    }
  });
});

describe('any content of our streams', () => {
  it('stops neither the log feed nor a start, and leaves other channels exact', async () => {
    const whole = await scene();
    const types = [
      'MessagePosted',
      'MessageRedacted',
      'BotJoined',
      'BotLeft',
      'ChannelOpened',
      'KeyIssued',
      'KeyRevoked',
      'BotRegistered',
      'OperatorKeyIssued',
      'BotConnected',
      'BotDisconnected',
      'GatewaySeen',
      'CursorAdvanced',
      '$>',
      'Unheard',
    ];
    const family = fc.constantFrom('messages', 'channel', 'bot', 'presence', 'cursor', 'keys', 'gateways');
    const id = fc.constantFrom(
      'odd',
      'odd.default',
      'admin',
      'heartbeats',
      '',
      ' ',
      '__proto__',
      'x'.repeat(80),
    );
    const own = fc.record({
      channel: fc.constant('odd'),
      bot: fc.constant('odd'),
      id: fc.uuid(),
      body: fc.string(),
    });
    const data = fc.oneof(
      fc.jsonValue(),
      own,
      own.map((one) => ({ ...one, from: 1, keyId: 'k', hash: 'h', cursors: {} })),
    );
    const event = fc.tuple(family, id, fc.constantFrom(...types), data, fc.jsonValue());
    const events = fc.sample(event, { numRuns: 400, seed: 15 });
    await Promise.all(
      events.map(([of, name, type, given, schema]) =>
        forge(`${of}-${name}`, type, given as Json, { schema }),
      ),
    );
    expect(gateway.app.get(LogFeed).failure).toBeUndefined();
    expect(await post(whole)).toBe('ok');
    await restart();
    expect(await post(whole)).toBe('ok');
    expect(await delivered(whole)).toEqual(sequence(0, 3));
    expect(gateway.app.get(LogFeed).failure).toBeUndefined();
  });
});
