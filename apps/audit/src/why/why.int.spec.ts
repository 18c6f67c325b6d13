import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { forge } from '#test/support/forge.js';
import { startTestGateway, startTestLog, type TestGateway, type TestLog } from '#test/support/gateway-app.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import type { Explanation } from './explain-event.js';

type Answer = Explanation & Readonly<{ event: { id: string; type: string; data: unknown } }>;

let log: TestLog;
let gateway: TestGateway;
let audit: TestAudit;
const keys: Record<string, string> = {};

beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log);
  audit = await startTestAudit(log.connectionString);
  for (const bot of ['ann', 'ben']) keys[bot] = await gateway.bot(bot);
  await gateway.channel('why');
});
afterAll(async () => {
  await audit?.stop();
  await gateway?.stop();
  await log?.stop();
});

const ask = async (id: string): Promise<{ status: number; text: string }> => {
  const headers = { authorization: 'Bearer auditor-key' };
  const response = await fetch(`${audit.url}/v1/audit/why/${id}`, { headers });
  return { status: response.status, text: await response.text() };
};

const why = async (id: string): Promise<Answer> => {
  const { status, text } = await ask(id);
  expect(status, text).toBe(200);
  return JSON.parse(text) as Answer;
};

const connect = async (bot: string): Promise<TestBot> => {
  const connected = await TestBot.connect(gateway.url, { key: keys[bot]!, consumer: `c-${bot}` });
  await connected.must('join', { channel: 'why' });
  return connected;
};

const shortOf = (related: Explanation['effects']): string[] =>
  related.map(({ relation, type, id }) => `${relation} ${type} ${id}`);

describe('why an event is in the log', () => {
  it('leads back to command, bot, key, connection and gateway, and onward to what came of it', async () => {
    const [ann, ben] = [await connect('ann'), await connect('ben')];
    const [id, edit, reply, answer, redaction] = Array.from({ length: 5 }, () => uuidv7());
    const channel = 'why';
    await ann.must('post', { id, channel, body: 'one', data: { exact: 1.5 } });
    await ann.must('edit', { id: edit, channel, target: id, body: 'two' });
    await ben.must('post', { id: reply, channel, body: 'three', replyTo: id });
    await ben.must('post', { id: answer, channel, body: 'four', correlationId: id });
    await ann.must('redact', { id: redaction, channel, target: id });
    const [told, ofEdit, ofReply, ofAnswer] = [
      await why(id!),
      await why(edit!),
      await why(reply!),
      await why(answer!),
    ];
    const { connection } = ann.ready;
    expect(told).toMatchObject({
      event: { type: 'MessagePosted', data: { id, body: 'one', data: { exact: 1.5 } } },
      actor: { kind: 'bot', name: 'ann', connection },
      command: { id, correlationId: id },
      key: { keyId: keys['ann']!.split('.')[2], issued: { type: 'KeyIssued', stream: 'bot-ann' } },
      connection: { connection, consumer: 'c-ann', began: { type: 'BotConnected', stream: 'presence-ann' } },
      more: { causes: false, effects: false },
      causes: [],
      unknown: [],
    });
    expect(told.gateway).toMatch(/^spec\//);
    const ids = await Promise.all(
      [edit, reply, answer, redaction].map(async (one) => (await why(one!)).event.id),
    );
    expect(shortOf(told.effects)).toEqual([
      `edits MessageEdited ${ids[0]}`,
      `repliesTo MessagePosted ${ids[1]}`,
      `sameChain MessagePosted ${ids[2]}`,
      `redacts MessageRedacted ${ids[3]}`,
    ]);
    for (const [one, relation] of [
      [ofEdit, 'edits'],
      [ofReply, 'repliesTo'],
      [ofAnswer, 'sameChain'],
    ] as const)
      expect(shortOf(one.causes)).toEqual([`${relation} MessagePosted ${told.event.id}`]);
    expect(await why(told.event.id)).toEqual(told);
    ann.close();
    ben.close();
  });

  it('of a request over HTTP has a key but no connection, and says so', async () => {
    const [ann, id] = [await connect('ann'), uuidv7()];
    ann.close();
    const headers = { authorization: `Bearer ${keys['ann']}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ id, channel: 'why', body: 'over HTTP' });
    const posted = await fetch(`${gateway.url}/v1/messages`, { method: 'POST', headers, body });
    expect(posted.status, await posted.text()).toBe(201);
    const told = await why(id);
    expect(told.key).toMatchObject({ issued: { actor: { kind: 'system' } } });
    expect(told.connection).toBeUndefined();
    expect(told.unknown).toEqual(['the connection: none was recorded, as for requests over HTTP']);
  });

  it('of a connection names the key that it came with', async () => {
    const ann = await connect('ann');
    const first = uuidv7();
    await ann.must('post', { id: first, channel: 'why', body: 'first' });
    const { connection } = await why(first);
    const told = await why(connection!.began!.id);
    expect(told).toMatchObject({ event: { type: 'BotConnected' }, key: { issued: { stream: 'bot-ann' } } });
    ann.close();
  });

  it('shows the event as it is stored', async () => {
    const id = uuidv7();
    const data = { id, channel: 'why', bot: 'ann', body: 'x' };
    await forge(audit.store, 'messages-why', 'MessagePosted', data);
    expect((await ask(id)).text).toContain(`"data":${JSON.stringify(data)}`);
  });

  it('of a message id that two bots used asks for one of the events', async () => {
    const [ann, ben, id] = [await connect('ann'), await connect('ben'), uuidv7()];
    await ann.must('post', { id, channel: 'why', body: 'mine' });
    await ben.must('post', { id, channel: 'why', body: 'mine, too' });
    const { status, text } = await ask(id);
    expect(status).toBe(400);
    const named = [...text.matchAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g)].map(([one]) => one);
    expect(named).toHaveLength(2);
    const told = await Promise.all(named.map(async (one) => (await why(one)).actor));
    expect(told).toMatchObject([{ name: 'ann' }, { name: 'ben' }]);
    ann.close();
    ben.close();
  });

  it.each([
    ['an id that no event has', uuidv7(), 404, 'unknown_event'],
    ['what is no id', 'messages-why', 400, 'invalid_payload'],
    ['a parameter that it does not know', `${uuidv7()}?deep=true`, 400, 'invalid_payload'],
  ])('is refused for %s', async (_what, id, status, code) => {
    const answer = await ask(id);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { code }]);
  });
});
