import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { Refused, TestBot } from '#tools/harness/bots/test-bot.js';
import type { Auth } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';

const CHANNEL = 'access';
const PRIVATE = 'access-private';

let verbatim: Verbatim;
const keys: Record<string, string> = {};
const open: TestBot[] = [];

const connect = async (auth: Auth): Promise<TestBot> => {
  const bot = await TestBot.connect(verbatim.url, auth);
  open.push(bot);
  return bot;
};

const refusal = async (auth: Auth): Promise<unknown> => {
  const error: unknown = await connect(auth).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Refused);
  return (error as Refused).error;
};

const keysOf = (bot: unknown) => (bot as { keys: { keyId: string; expiresAt?: string }[] }).keys;

const operatorKey = async (role: 'admin' | 'auditor'): Promise<string> =>
  (await verbatim.request('POST', '/v1/keys', { role })).body['key'] as string;

beforeAll(async () => {
  verbatim = await startVerbatim();
  await verbatim.createChannel(CHANNEL);
  await verbatim.createChannel(PRIVATE, 'private');
  for (const bot of ['member', 'stranger']) keys[bot] = await verbatim.createBot(bot);
  await verbatim.addMember(CHANNEL, 'member');
  keys['admin'] = await operatorKey('admin');
  keys['auditor'] = await operatorKey('auditor');
  keys['unknown'] = keys['member']!.replace(/.{4}$/, 'aaaa');
});

afterAll(() => verbatim?.remove());

afterEach(() => {
  for (const bot of open.splice(0)) bot.close();
});

describe('without a key', () => {
  it.each(['/health/live', '/health/ready', '/docs', '/docs/openapi.json'])('%s is open', async (path) => {
    expect((await fetch(`${verbatim.url}${path}`)).status).toBe(200);
  });
});

describe('a connection', () => {
  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['no string', 7],
    ['nonsense', 'open sesame'],
    ['one of a bot that does not exist', 'bot.nobody.aaaaaaaa.aaaaaaaaaaaaaaaa'],
  ])('needs a key: %s is refused', async (_what, key) => {
    expect(await refusal(key === undefined ? {} : { key })).toMatchObject({
      code: 'unauthenticated',
      status: 401,
    });
  });

  it('with a wrong secret is refused', async () => {
    expect(await refusal({ key: keys['unknown'] })).toMatchObject({ code: 'unauthenticated', status: 401 });
  });

  it.each(['admin', 'auditor'])('is only for bots: %s keys are refused', async (role) => {
    expect(await refusal({ key: keys[role] })).toMatchObject({ code: 'forbidden', status: 403 });
  });

  it.each([
    [{ consumer: 7 }, 'invalid_payload'],
    [{ consumer: 'a.b' }, 'invalid_name'],
    [{ resume: 'yesterday' }, 'invalid_payload'],
    [{ resume: { access: 'x' } }, 'invalid_payload'],
    [{ resume: null }, 'invalid_payload'],
    [{ backlog: { maxCount: -1 } }, 'invalid_payload'],
    [{ backlog: 7 }, 'invalid_payload'],
    [{ password: 'x' }, 'invalid_payload'],
  ])('with %j in the handshake is refused: %s', async (more, code) => {
    expect(await refusal({ key: keys['member'], ...more })).toMatchObject({ code, status: 400 });
  });
});

describe('a key', () => {
  it('that is revoked opens nothing any more, and everything it opened is closed', async () => {
    const key = await verbatim.createBot('short-lived');
    const bot = await connect({ key });
    const keyId = key.split('.')[2]!;
    expect((await verbatim.request('DELETE', `/v1/bots/short-lived/keys/${keyId}`)).status).toBe(204);
    await bot.untilDisconnected();
    expect(bot.all('notice')).toContainEqual(expect.objectContaining({ code: 'access_withdrawn' }));
    expect(await refusal({ key })).toMatchObject({ code: 'unauthenticated' });
    const post = { id: uuidv7(), channel: CHANNEL, body: 'x' };
    expect((await verbatim.request('POST', '/v1/messages', post, key)).status).toBe(401);
  });

  it('is one of many: revoking it leaves the others', async () => {
    const first = await verbatim.createBot('two-keys');
    const second = (await verbatim.request('POST', '/v1/bots/two-keys/keys')).body['key'] as string;
    await verbatim.request('DELETE', `/v1/bots/two-keys/keys/${first.split('.')[2]!}`);
    expect(await refusal({ key: first })).toMatchObject({ code: 'unauthenticated' });
    expect((await connect({ key: second })).ready.bot).toBe('two-keys');
  });

  it('of a bot is listed with its expiry, and can be revoked repeatedly', async () => {
    const expiresAt = '2099-01-31T00:00:00.000Z';
    await verbatim.createBot('listed');
    const { keyId } = (await verbatim.request('POST', '/v1/bots/listed/keys', { expiresAt })).body;
    await waitFor('the read model', async () => {
      const { body } = await verbatim.request('GET', '/v1/bots/listed');
      return body['keys'] !== undefined && keysOf(body).length === 2;
    });
    const { body } = await verbatim.request('GET', '/v1/bots');
    const listed = (body['items'] as { bot: string }[]).find(({ bot }) => bot === 'listed');
    const one = (await verbatim.request('GET', '/v1/bots/listed')).body;
    for (const shown of [listed, one]) {
      expect(keysOf(shown).find((key) => key.keyId === keyId)).toMatchObject({ expiresAt });
      expect(keysOf(shown).filter((key) => key.expiresAt === undefined)).toHaveLength(1);
    }
    const path = `/v1/bots/listed/keys/${keyId as string}`;
    for (let time = 0; time < 3; time += 1) expect((await verbatim.request('DELETE', path)).status).toBe(204);
    const unknown = await verbatim.request('DELETE', '/v1/bots/listed/keys/aaaaaaaa');
    expect([unknown.status, unknown.body['code']]).toEqual([404, 'unknown_key']);
  });

  it('of a person is listed, and can be revoked repeatedly', async () => {
    const issued = (await verbatim.request('POST', '/v1/keys', { role: 'auditor' })).body;
    const path = `/v1/keys/${issued['keyId'] as string}`;
    const shown = async (): Promise<unknown> => {
      const { body } = await verbatim.request('GET', '/v1/keys');
      return (body['items'] as { keyId: string }[]).find(({ keyId }) => keyId === issued['keyId']);
    };
    const by = verbatim.adminKey.split('.')[1]!;
    expect(await shown()).toMatchObject({ role: 'auditor', status: 'valid', issuedBy: by });
    expect((await verbatim.request('DELETE', path)).status).toBe(204);
    expect((await verbatim.request('DELETE', path)).status).toBe(204);
    expect(await shown()).toMatchObject({ status: 'revoked', revokedBy: by });
    const unknown = await verbatim.request('DELETE', '/v1/keys/aaaaaaaa');
    expect([unknown.status, unknown.body['code']]).toEqual([404, 'unknown_key']);
  });

  it.each([
    ['2020-01-01', 'a time that is over'],
    ['soon', 'no time'],
    [7, 'no text'],
    [null, 'null'],
  ] as [unknown, string][])('does not end at %j: %s', async (expiresAt) => {
    for (const [path, body] of [
      ['/v1/keys', { role: 'auditor', expiresAt }],
      ['/v1/bots', { name: 'never-made', expiresAt }],
      ['/v1/bots/member/keys', { expiresAt }],
    ] as const) {
      const { status, body: problem } = await verbatim.request('POST', path, body);
      expect([path, status, problem['code']]).toEqual([path, 400, 'invalid_payload']);
    }
  });

  it('is shown only once: no list contains it or its hash', async () => {
    for (const list of ['bots', 'keys']) {
      const { text } = await verbatim.request('GET', `/v1/${list}`);
      for (const key of Object.values(keys)) expect(text).not.toContain(key.split('.').at(-1));
      expect(text).not.toMatch(/[0-9a-f]{64}/);
    }
  });
});

describe('a suspended bot', () => {
  it('is disconnected and kept out until it is reinstated', async () => {
    const key = await verbatim.createBot('naughty');
    await verbatim.addMember(CHANNEL, 'naughty');
    const bot = await connect({ key });
    expect((await verbatim.request('POST', '/v1/bots/naughty/suspend', { reason: 'spam' })).status).toBe(204);
    await bot.untilDisconnected();
    expect(await refusal({ key })).toMatchObject({ code: 'forbidden' });
    const post = { id: uuidv7(), channel: CHANNEL, body: 'x' };
    expect((await verbatim.request('POST', '/v1/messages', post, key)).status).toBe(403);
    expect((await verbatim.request('POST', '/v1/bots/naughty/reinstate')).status).toBe(204);
    expect((await connect({ key })).ready.channels.map(({ channel }) => channel)).toEqual([CHANNEL]);
  });
});

const requests = (channel: string): readonly (readonly [string, unknown])[] => [
  ['post', { id: uuidv7(), channel, body: 'x' }],
  ['edit', { id: uuidv7(), channel, target: uuidv7(), body: 'x' }],
  ['redact', { id: uuidv7(), channel, target: uuidv7() }],
  ['signal', { channel, type: 'typing' }],
  ['who', { channel }],
  ['history', { channel }],
  ['ack', { [channel]: -1 }],
];

describe('a channel', () => {
  it('is closed to bots that are not members', async () => {
    const stranger = await connect({ key: keys['stranger'] });
    for (const [event, payload] of requests(CHANNEL)) {
      expect((await stranger.request(event, payload)).error).toMatchObject({
        code: 'forbidden',
        status: 403,
      });
    }
  });

  it('that does not exist is unknown to everybody', async () => {
    const member = await connect({ key: keys['member'] });
    for (const [event, payload] of [...requests('nowhere'), ['join', { channel: 'nowhere' }] as const]) {
      expect((await member.request(event, payload)).error).toMatchObject({
        code: 'unknown_channel',
        status: 404,
      });
    }
  });

  it('that is private can be joined and left only by an admin’s act', async () => {
    const [stranger, member] = [
      await connect({ key: keys['stranger'] }),
      await connect({ key: keys['member'] }),
    ];
    expect((await stranger.request('join', { channel: PRIVATE })).error).toMatchObject({ code: 'forbidden' });
    for (const bot of ['stranger', 'member']) await verbatim.addMember(PRIVATE, bot);
    await Promise.all([stranger.untilCaughtUp(PRIVATE), member.untilCaughtUp(PRIVATE)]);
    await member.say(PRIVATE, 'psst');
    await stranger.untilSeq(PRIVATE, 0);
    expect((await verbatim.request('DELETE', `/v1/channels/${PRIVATE}/members/stranger`)).status).toBe(204);
    await member.say(PRIVATE, 'is he gone?');
    await member.untilSeq(PRIVATE, 1);
    expect((await stranger.request('history', { channel: PRIVATE })).error).toMatchObject({
      code: 'forbidden',
    });
    expect(stranger.seqs(PRIVATE)).toEqual([0]);
  });

  it('that is archived can be read but not written', async () => {
    await verbatim.createChannel('attic');
    await verbatim.addMember('attic', 'member');
    const member = await connect({ key: keys['member'] });
    await member.say('attic', 'old');
    expect((await verbatim.request('POST', '/v1/channels/attic/archive')).status).toBe(204);
    const refused = await member.request('post', { id: uuidv7(), channel: 'attic', body: 'new' });
    expect(refused.error).toMatchObject({ code: 'channel_archived', status: 409 });
    expect((await member.must('history', { channel: 'attic' }))['messages']).toHaveLength(1);
  });
});
