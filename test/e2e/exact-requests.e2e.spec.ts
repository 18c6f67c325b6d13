import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { RawConnection, RawPolling } from '#test/support/raw-connection.js';
import { sequence } from '#test/support/sequence.js';

const CHANNEL = 'exact';

let verbatim: Verbatim;
let key: string;
let connect: string;
let raw: RawConnection;
let listener: TestBot;

beforeAll(async () => {
  verbatim = await startVerbatim();
  await verbatim.createChannel(CHANNEL);
  key = await verbatim.createBot('exact-bot');
  await verbatim.addMember(CHANNEL, 'exact-bot');
  listener = await TestBot.connect(verbatim.url, { key, consumer: 'listener' });
  await listener.untilCaughtUp(CHANNEL);
  connect = `40/bots,${JSON.stringify({ key, consumer: 'raw' })}`;
  raw = await entered();
});
afterAll(async () => {
  raw?.cut();
  listener?.close();
  await verbatim?.remove();
});

const entered = async (): Promise<RawConnection> => {
  const connection = await RawConnection.open(verbatim.url);
  connection.send(connect);
  await connection.until('ready', (packet) => packet.includes('["ready"'));
  return connection;
};

type Answer = Readonly<{ ok: boolean; seq?: number; error?: Readonly<{ code: string; message: string }> }>;

let lastId = 0;

/** Resolves with the answer to an event whose payload is written by hand. */
const ask = async (event: string, json: string, on = raw): Promise<Answer> => {
  const id = (lastId += 1);
  on.send(`42/bots,${id}["${event}",${json}]`);
  return answerTo(id, on);
};

const answerTo = async (id: number, on = raw): Promise<Answer> => {
  const beginning = `43/bots,${id}[`;
  const packet = await on.until(`an answer to ${id}`, (one) => one.startsWith(beginning));
  return (JSON.parse(packet.slice(beginning.length - 1)) as [Answer])[0];
};

/** Returns a post with more fields, written by hand. */
const postWith = (more: string, id = uuidv7()): string =>
  `{"id":"${id}","channel":"${CHANNEL}","body":"hello"${more}}`;

const long = (length: number): string => postWith(`,"data":"${'x'.repeat(length)}"`);

const bytes = (text: string): Buffer<ArrayBuffer> => Buffer.from(text, 'latin1');

const byHttp = async (json: string | Uint8Array<ArrayBuffer>, type = 'application/json') => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': type };
  const response = await fetch(`${verbatim.url}/v1/messages`, { method: 'POST', headers, body: json });
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
};

const replayed = async (format: string): Promise<string> => {
  const query = `stream=messages-${CHANNEL}&format=${format}`;
  return (await verbatim.request('GET', `/v1/audit/events?${query}`)).text;
};

type Listed = Readonly<{ seq: number; data?: unknown }>;
const itemsOf = (body: unknown): Listed[] => (body as { items: Listed[] }).items;

describe('a value that is accepted', () => {
  const KEPT = [
    '{"a":[1.0,1E5,1e22,5e-324,0.1,-0.10,1.7976931348623157e308,2.5E+1]}',
    '9007199254740992',
    '{"deep":{"__proto__":{"x":1},"constructor":null,"toString":"x"}}',
    '["\\ud800","\\udc00\\ud800","\\u0000","\\u2028","\\ufeff"]',
    '{ "2" : 1 , "1" : 2, "" : {"":""} }',
    '{"_placeholder":true,"num":0}',
    '"1285704473650888702"',
  ];

  it('comes back the same on every way', async () => {
    const seqs: number[] = [];
    for (const data of KEPT) seqs.push((await ask('post', postWith(`,"data":${data}`))).seq!);
    for (const data of KEPT)
      seqs.push(((await byHttp(postWith(`, "data" : ${data}`))) as { seq?: number }).seq!);
    const values = [...KEPT, ...KEPT].map((text) => JSON.parse(text) as unknown);
    const dataIn = (messages: readonly Listed[]): unknown[] =>
      seqs.map((seq) => messages.find((message) => message.seq === seq)?.data);
    const last = seqs.at(-1)!;

    await listener.untilSeq(CHANNEL, last);
    expect(dataIn(listener.messages(CHANNEL))).toEqual(values);
    const history = await listener.must('history', { channel: CHANNEL, limit: 200 });
    expect(dataIn(history['messages'] as Listed[])).toEqual(values);
    const again = await TestBot.connect(verbatim.url, { key, consumer: 'again', resume: { [CHANNEL]: -1 } });
    await again.untilSeq(CHANNEL, last);
    expect(dataIn(again.messages(CHANNEL))).toEqual(values);
    again.close();
    const overHttp = await verbatim.request(
      'GET',
      `/v1/channels/${CHANNEL}/messages?limit=200`,
      undefined,
      key,
    );
    expect(dataIn(itemsOf(overHttp.body))).toEqual(values);

    const listed = await waitFor('the read model', async () => {
      const { body } = await verbatim.request('GET', `/v1/messages?channel=${CHANNEL}&limit=200`);
      return itemsOf(body).some(({ seq }) => seq === last) && itemsOf(body);
    });
    expect(dataIn(listed)).toEqual(values);
    for (const format of ['ndjson', 'cloudevents']) {
      const events = (await replayed(format))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { data: Listed });
      expect(seqs.map((seq) => events[seq]!.data.data)).toEqual(values);
    }
    const csv = await replayed('csv');
    for (const value of values) expect(csv).toContain(JSON.stringify(value).replaceAll('"', '""'));
  });

  it('counts as the same in any notation, and as different if its value differs', async () => {
    const id = uuidv7();
    const { seq } = await ask('post', postWith(',"data":{"a":1.0,"b":2}', id));
    expect(await ask('post', postWith(',"data":{ "b":2e0,"a":1 }', id))).toMatchObject({
      seq,
      duplicate: true,
    });
    expect((await ask('post', postWith(',"data":{"a":1.5,"b":2}', id))).error!.code).toBe('id_conflict');
  });
});

describe('a value that would come back changed', () => {
  const LOST = [
    [',"data":{"order":1285704473650888702}', 'Field "data.order": number 1285704473650888702'],
    [',"data":[[0.1000000000000000055511151231257827]]', 'Field "data[0][0]": number 0.1000'],
    [',"data":-0.0', 'Field "data": number -0.0'],
    [',"data":1e400', 'Field "data": number 1e400'],
    [',"data":{"a":1,"\\u0061":1}', 'Field "data.a" is there more than once'],
    [',"body":"hello"', 'Field "body" is there more than once'],
  ] as const;

  it.each(LOST)('is refused on both ways, naming the field: %s', async (more, message) => {
    const socket = (await ask('post', postWith(more))).error!;
    const http = await byHttp(postWith(more));
    expect(socket).toMatchObject({ code: 'invalid_payload', status: 400, retryable: false });
    expect(socket.message.startsWith(message)).toBe(true);
    expect(http).toMatchObject({ code: 'invalid_payload', status: 400, detail: socket.message });
  });

  it.each([
    ['edit', postWith(`,"target":"${uuidv7()}","data":9007199254740993`), '"data"'],
    ['signal', `{"channel":"${CHANNEL}","type":"x","data":{"n":-0}}`, '"data.n"'],
    ['history', `{"channel":"${CHANNEL}","limit":50.00000000000000000001}`, '"limit"'],
    ['ack', `{"${CHANNEL}":0.00000000000000000000000000000000e-0,"${CHANNEL}":0}`, `"${CHANNEL}"`],
    ['join', `{"channel":"${CHANNEL}","from":-1.00000000000000000001}`, '"from"'],
  ])('is refused in every request: %s', async (event, json, field) => {
    const { error } = await ask(event, json);
    expect(error).toMatchObject({ code: 'invalid_payload' });
    expect(error!.message).toContain(field);
  });

  it('is refused in a handshake', async () => {
    for (const auth of [
      `{"key":"${key}","resume":{"${CHANNEL}":-1e-400}}`,
      `{"key":"${key}","key":"${key}"}`,
      '{"key":NaN}',
    ]) {
      const refused = await RawConnection.open(verbatim.url);
      refused.send(`40/bots,${auth}`);
      expect(await refused.until('a refusal', (packet) => packet.startsWith('44/bots,'))).toContain(
        'invalid_payload',
      );
      refused.cut();
    }
  });

  it('is refused if it is not valid UTF-8, as text and over HTTP', async () => {
    raw.sendText(bytes(`42/bots,${(lastId += 1)}["post",${postWith(',"data":"caf\u00e9"')}]`));
    expect((await answerTo(lastId)).error).toMatchObject({
      code: 'invalid_payload',
      message: 'The payload is not valid UTF-8',
    });
    expect(await byHttp(bytes(postWith(',"data":"caf\u00e9"')))).toMatchObject({
      status: 400,
      code: 'malformed_json',
    });
    expect(await byHttp(postWith(''), 'text/plain')).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });

    const polling = await RawPolling.open(verbatim.url);
    await polling.post(`40/bots,${JSON.stringify({ key, consumer: 'polling' })}`);
    await untilPolled(polling, '["ready"');
    await polling.post(
      new Uint8Array(
        bytes(
          `42/bots,7["post",${postWith(',"data":"caf\u00e9"')}]\u001e42/bots,8["who",{"channel":"${CHANNEL}"}]`,
        ),
      ),
    );
    expect(await untilPolled(polling, '43/bots,7')).toContain('not valid UTF-8');
    await polling.post('1');
  });
});

const untilPolled = async (polling: RawPolling, part: string): Promise<string> =>
  waitFor(part, async () => (await polling.read()).find((packet) => packet.includes(part)), 10_000, 1);

describe('a request that is too large', () => {
  it.each([65_600, 1_000_100, 5_000_000])(
    'is answered, and the connection stays open: %d characters',
    async (length) => {
      expect((await ask('post', long(length))).error).toMatchObject({
        code: 'message_too_large',
        status: 413,
      });
      expect(await ask('who', `{"channel":"${CHANNEL}"}`)).toMatchObject({ ok: true });
      expect(await byHttp(long(length))).toMatchObject({ status: 413, code: 'message_too_large' });
    },
  );

  it('is answered over polling too, along with others in the same payload', async () => {
    const polling = await RawPolling.open(verbatim.url);
    await polling.post(`40/bots,${JSON.stringify({ key, consumer: 'polling' })}`);
    await untilPolled(polling, '["ready"');
    const packets = [
      `42/bots,1["post",${long(1_000_100)}]`,
      ...sequence(2, 51).map((n) => `42/bots,${n}["post",${long(10_000)}]`),
    ];
    expect(await polling.post(packets.join('\u001e'))).toBe(200);
    const answers = new Map<number, boolean>();
    await waitFor(
      'all answers',
      async () => {
        for (const packet of await polling.read()) {
          const [, id, ok] = /^43\/bots,(\d+)\[\{"ok":(true|false)/.exec(packet) ?? [];
          if (id !== undefined) answers.set(Number(id), ok === 'true');
        }
        return answers.size === 51;
      },
      20_000,
      1,
    );
    expect([...answers].filter(([, ok]) => !ok)).toEqual([[1, false]]);
    await polling.post('1');
  });

  it('far beyond the limit ends its connection, with a notice', async () => {
    const ending = await entered();
    ending.send(`42/bots,1["post",${long(17 * 1024 * 1024)}]`);
    expect(await ending.until('a word', (packet) => packet.includes('"notice"'))).toContain('protocol_error');
    await waitFor('the end', () => ending.closed);
  });
});

it('an invalid packet ends its connection, with a notice', async () => {
  for (const broken of ['47/bots,', Buffer.from('x'), '451-/bots,1["post",{}]']) {
    const ending = await entered();
    ending.send(broken, ...(typeof broken === 'string' ? ['42/bots,2["who",{}]'] : []));
    expect(await ending.until('a word', (packet) => packet.includes('"notice"'))).toContain('protocol_error');
    await waitFor('the end', () => ending.closed);
  }
});
