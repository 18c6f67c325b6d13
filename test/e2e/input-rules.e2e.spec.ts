import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import type { WireError } from '#libs/protocol/errors.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { LEAKS } from '#tools/harness/http/leaks.js';
import { sequence } from '#test/support/sequence.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

const CHANNEL = 'rules';

let verbatim: Verbatim;
let key: string;
let bot: TestBot;

beforeAll(async () => {
  verbatim = await startVerbatim();
  await verbatim.createChannel(CHANNEL);
  key = await verbatim.createBot('alice');
  await verbatim.addMember(CHANNEL, 'alice');
  bot = await TestBot.connect(verbatim.url, { key });
});

afterAll(async () => {
  bot?.close();
  await verbatim?.remove();
});

const bySocket = async (payload: unknown, event = 'post'): Promise<WireError> => {
  const reply = await bot.request(event, payload);
  expect(JSON.stringify(reply)).not.toMatch(LEAKS);
  return reply.error as WireError;
};

const byHttp = async (payload: unknown): Promise<WireError> => {
  const { status, body, text, headers } = await verbatim.request('POST', '/v1/messages', payload, key);
  expect(text).not.toMatch(LEAKS);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { code, detail, retryable, retryAfterMs } = body as unknown as Omit<WireError, 'message'> & {
    detail: string;
  };
  expect(body).toMatchObject({ status });
  return {
    code,
    status,
    message: detail,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
};

/** Posts over Socket.IO and HTTP, which must answer alike. A refusal never closes the socket. */
const refusalOf = async (payload: unknown): Promise<WireError> => {
  const [socket, http] = [await bySocket(payload), await byHttp(payload)];
  expect(http).toEqual(socket);
  expect(bot.socket.connected).toBe(true);
  return socket;
};

const post = (fields: object = {}): Record<string, unknown> => ({
  id: uuidv7(),
  channel: CHANNEL,
  body: 'hello',
  ...fields,
});

const without = (field: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(post()).filter(([name]) => name !== field));

describe('an empty message', () => {
  it.each(['', ' ', '\t\n\r', '\u00a0', '\u2003\u3000', '\ufeff', '\u2028\u2029', ' \n'.repeat(100)])(
    'is refused: %j',
    async (body) => {
      expect(await refusalOf(post({ body }))).toEqual({
        code: 'empty_message',
        status: 400,
        message: 'Message cannot be empty',
        retryable: false,
      });
    },
  );
});

describe('a message that is too large', () => {
  const tooLarge = { code: 'message_too_large', status: 413, retryable: false };

  it.each([
    ['one byte over', 'x'.repeat(10_241)],
    ['multi-byte text, one byte over', `${'é'.repeat(5_120)}x`],
    ['few characters, many bytes', '😀'.repeat(2_561)],
    ['50 KB', 'x'.repeat(50_000)],
  ])('is refused: %s', async (_what, body) => {
    expect(await refusalOf(post({ body }))).toMatchObject(tooLarge);
  });

  it('counts `data` as well', async () => {
    expect(await refusalOf(post({ body: 'x'.repeat(10_000), data: 'x'.repeat(239) }))).toMatchObject(
      tooLarge,
    );
    expect(
      await bot.request('post', post({ body: 'x'.repeat(10_000), data: 'x'.repeat(238) })),
    ).toMatchObject({
      ok: true,
    });
  });

  it.each(['x'.repeat(10_240), 'é'.repeat(5_120), '😀'.repeat(2_560)])(
    'is not refused at exactly 10 KiB of UTF-8',
    async (body) => {
      expect(Buffer.byteLength(body)).toBe(10_240);
      const seq = await bot.say(CHANNEL, body);
      await bot.untilSeq(CHANNEL, seq);
      expect(bot.messages(CHANNEL).find((message) => message.seq === seq)?.body).toBe(body);
    },
  );

  it('of several megabytes gets an answer over HTTP, too', async () => {
    const response = await verbatim.request(
      'POST',
      '/v1/messages',
      post({ body: 'x'.repeat(2_000_000) }),
      key,
    );
    expect([response.status, response.body['code']]).toEqual([413, 'message_too_large']);
  });
});

describe('a name', () => {
  const NAMES = [
    '',
    ' ',
    '-a',
    '_a',
    'a b',
    'a.b',
    'a/b',
    '../etc/passwd',
    "'; DROP TABLE bots; --",
    'ä',
    'a'.repeat(65),
    'a\n',
    'a\u0000',
  ];

  it.each(NAMES)('is refused for a channel: %j', async (channel) => {
    expect(await refusalOf(post({ channel }))).toMatchObject({
      code: 'invalid_name',
      status: 400,
      retryable: false,
    });
  });

  it.each(NAMES)('is refused for a new bot or channel: %j', async (name) => {
    for (const [path, body] of [
      ['/v1/bots', { name }],
      ['/v1/channels', { channel: name }],
    ] as const) {
      const answer = await verbatim.request('POST', path, body);
      expect([answer.status, answer.body['code']]).toEqual([400, 'invalid_name']);
    }
  });

  it.each(['a', 'Z9', '0', 'a-_b', 'a'.repeat(64)])('is accepted: %s', async (channel) => {
    expect((await verbatim.request('POST', '/v1/channels', { channel })).status).toBe(201);
  });
});

const invalid = (message: RegExp): object => ({
  code: 'invalid_payload',
  status: 400,
  retryable: false,
  message: expect.stringMatching(message) as string,
});

describe('a payload', () => {
  it.each(['id', 'channel', 'body'])('without `%s` is refused, naming it', async (field) => {
    expect(await refusalOf(without(field))).toEqual(invalid(new RegExp(`"${field}"`)));
  });

  it.each(['id', 'channel', 'body', 'data', 'replyTo', 'correlationId'])(
    'with null for `%s` is refused, naming it',
    async (field) => {
      expect(await refusalOf(post({ [field]: null }))).toEqual(invalid(new RegExp(`"${field}"`)));
    },
  );

  it.each([
    ['id', 7],
    ['id', 'not-a-uuid'],
    ['id', '0198c0de-7a3b-7c21-9d4e-5f60718293a'],
    ['channel', {}],
    ['channel', ['rules']],
    ['body', 7],
    ['body', { toString: 'x' }],
    ['body', ['hello']],
    ['body', true],
    ['replyTo', 'yesterday'],
    ['correlationId', ''],
    ['correlationId', 'x'.repeat(129)],
  ])('with a wrong `%s` (%j) is refused, naming it', async (field, value) => {
    expect(await refusalOf(post({ [field]: value }))).toEqual(invalid(new RegExp(`"${field}"`)));
  });

  it.each(['bot', 'seq', 'at', 'constructor', 'toString', 'Body', 'x'.repeat(1_000)])(
    'with an unknown field (%s) is refused, naming it',
    async (field) => {
      expect(await refusalOf(post({ [field]: 'x' }))).toEqual(invalid(/^Unknown field "/));
    },
  );

  it('can’t reach into prototypes', async () => {
    const payload = JSON.parse(
      `{"id":"${uuidv7()}","channel":"${CHANNEL}","body":"x","__proto__":{"admin":true}}`,
    ) as unknown;
    expect(await refusalOf(payload)).toEqual(invalid(/^Unknown field "__proto__"/));
  });

  it.each([[[]], [[1]], ['text'], [7], [true], [null]])(
    'that is not an object (%j) is refused',
    async (payload) => {
      expect(await refusalOf(payload)).toEqual(invalid(/object/));
    },
  );

  it('that is missing is refused', async () => {
    expect((await bot.request('post')).error).toEqual(invalid(/object/));
  });

  it('with binary data is refused, because JSON has none', async () => {
    expect(await bySocket(post({ body: Buffer.from('hello') }))).toEqual(invalid(/"body"/));
    expect(await bySocket(post({ data: Buffer.from('hello') }))).toEqual(invalid(/"data"/));
    expect(await bySocket(Buffer.from('hello'))).toMatchObject({ code: 'invalid_payload' });
  });

  it('with an id from the future is refused, and may be sent again, because our clock may be wrong', async () => {
    const id = uuidv7({ msecs: Date.now() + 120_000 });
    expect(await refusalOf(post({ id }))).toEqual({
      ...invalid(/"id"/),
      retryable: true,
      retryAfterMs: 60_000,
    });
  });

  it('of any other request is checked in the same way', async () => {
    for (const event of ['join', 'leave', 'history', 'who']) {
      expect(await bySocket({}, event)).toEqual(invalid(/"channel"/));
      expect(await bySocket({ channel: 'a b' }, event)).toMatchObject({ code: 'invalid_name' });
      expect(await bySocket({ channel: 'nowhere' }, event)).toMatchObject({
        code: 'unknown_channel',
        status: 404,
      });
    }
    expect(await bySocket({ channel: CHANNEL, limit: 201 }, 'history')).toEqual(invalid(/"limit"/));
    expect(await bySocket({ channel: CHANNEL, from: 'tomorrow' }, 'join')).toEqual(invalid(/"from"/));
    expect(await bySocket({ [CHANNEL]: '7' }, 'ack')).toEqual(invalid(/rules/));
    expect(await bySocket({ [CHANNEL]: 1e9 }, 'ack')).toMatchObject({
      code: 'unknown_position',
      status: 400,
    });
  });

  it('of a request that does not exist is answered', async () => {
    for (const event of ['delete', 'message', 'backlog', 'constructor', 'x'.repeat(10_000), 7 as never]) {
      expect(await bySocket({}, event)).toMatchObject({ code: 'unknown_event', status: 404 });
    }
  });

  it('without an acknowledgement callback does no harm', async () => {
    for (const payload of [undefined, null, {}, post({ body: '' })]) bot.socket.emit('post', payload);
    expect(await bot.request('history', { channel: CHANNEL, limit: 1 })).toMatchObject({ ok: true });
  });
});

describe('malformed JSON', () => {
  it.each(['{', '{"id":', 'hello', '{"body": hunter2}', "{'body':'x'}", '{"a":1}}', '\u0000', '[1,'])(
    'is refused without the parser’s message: %j',
    async (text) => {
      const response = await fetch(`${verbatim.url}/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: text,
      });
      const answer = await response.text();
      expect(answer).not.toMatch(LEAKS);
      expect(answer).not.toContain('hunter2');
      expect(JSON.parse(answer)).toMatchObject({ status: 400, code: 'malformed_json', retryable: false });
      expect(response.status).toBe(400);
    },
  );
});

describe('the rate limit', () => {
  it('refuses posts beyond it, with the time after which to try again', async () => {
    const talkative = await TestBot.connect(verbatim.url, { key: await verbatim.createBot('talkative') });
    await talkative.must('join', { channel: CHANNEL });
    const replies = await Promise.all(
      sequence(1, 600).map((n) => talkative.request('post', post({ body: `burst ${n}` }))),
    );
    const refused = replies.filter(({ ok }) => !ok).map(({ error }) => error!);
    expect(replies.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(400);
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryable: true });
      expect(error.retryAfterMs).toBeGreaterThan(0);
    }
    expect(talkative.socket.connected).toBe(true);
    talkative.close();
  });

  it('counts Socket.IO and HTTP together, and HTTP answers also have the standard header', async () => {
    const hastyKey = await verbatim.createBot('hasty');
    await verbatim.addMember(CHANNEL, 'hasty');
    const hasty = await TestBot.connect(verbatim.url, { key: hastyKey });
    // The socket sends ten times the limit all the time, so that there is hardly ever anything left for HTTP.
    const asking = setInterval(() => {
      for (let count = 0; count < 100; count += 1) hasty.socket.emit('post', post(), () => undefined);
    }, 50);
    const refused = await waitFor('a refusal over HTTP', async () => {
      const answer = await verbatim.request('POST', '/v1/messages', post(), hastyKey);
      return answer.status === 429 && answer;
    }).finally(() => clearInterval(asking));
    expect(refused.body).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(refused.body['retryAfterMs']).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    hasty.close();
  });
});
