import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { startTestGateway, startTestLog, type TestGateway, type TestLog } from '#test/support/gateway-app.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { collect } from '#test/support/collect.js';
import { forgedEvent } from '#test/support/forge.js';
import { confirmationIn } from './confirmation.js';
import type { Deliveries } from './deliveries.js';

let log: TestLog;
let gateway: TestGateway;
let audit: TestAudit;
const keys: Record<string, string> = {};
const channel = 'due';

beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log);
  audit = await startTestAudit(log.connectionString);
  for (const bot of ['ann', 'ben', 'cid', 'dan']) keys[bot] = await gateway.bot(bot);
  await gateway.channel(channel);
});
afterAll(async () => {
  await audit?.stop();
  await gateway?.stop();
  await log?.stop();
});

const ask = async (query: string): Promise<{ status: number; body: unknown }> => {
  const headers = { authorization: 'Bearer auditor-key' };
  const response = await fetch(`${audit.url}/v1/audit/deliveries?${query}`, { headers });
  return { status: response.status, body: await response.json() };
};

const deliveries = async (bot: string, id: string, more = ''): Promise<Deliveries> => {
  const { status, body } = await ask(`message=${bot}/${id}${more}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Deliveries;
};

const connect = async (bot: string, consumer: string): Promise<TestBot> => {
  const connected = await TestBot.connect(gateway.url, { key: keys[bot]!, consumer });
  await connected.must('join', { channel });
  return connected;
};

const dueToDan = async (id: string) => (await deliveries('ann', id)).items.find(({ bot }) => bot === 'dan');

const namesOf = ({ items }: Deliveries): string[] => items.map(({ bot }) => bot);

describe('evidence of delivery', () => {
  it('names the bots that were members then, and which consumers have confirmed when', async () => {
    const ann = await connect('ann', 'one');
    const ben = await connect('ben', 'two');
    const early = uuidv7();
    const first = (await ann.must('post', { id: early, channel, body: 'one' })) as unknown as {
      seq: number;
      at: string;
    };
    await ben.must('leave', { channel });
    const cid = await connect('cid', 'three');
    const late = uuidv7();
    const second = (await ann.must('post', { id: late, channel, body: 'two' })) as unknown as { seq: number };
    await cid.must('ack', { [channel]: second.seq });
    const told = await deliveries('ann', early);
    expect(told.message).toMatchObject({ bot: 'ann', id: early, channel, seq: first.seq });
    expect(told.message.event).toMatchObject({ type: 'MessagePosted', time: first.at });
    expect(told.items).toMatchObject([
      { bot: 'ann', confirmed: false },
      { bot: 'ben', confirmed: false },
    ]);
    expect(told.items[1]!.leftAt).toBeDefined();
    await ann.must('ack', { [channel]: second.seq });
    const at = Date.now();
    const ofLate = await deliveries('ann', late);
    expect(namesOf(ofLate)).toEqual(['ann', 'cid']);
    expect(ofLate.items.map(({ confirmed }) => confirmed)).toEqual([true, true]);
    const [one] = ofLate.items[0]!.consumers;
    expect(one!.consumer).toBe('one');
    expect(Math.abs(Date.parse(one!.confirmedAt!) - at)).toBeLessThan(5_000);
    for (const bot of [ann, ben, cid]) bot.close();
  });

  it('keeps what a bot confirmed before it left, and does not count what a later membership skipped', async () => {
    const [ann, dan] = [await connect('ann', 'one'), await connect('dan', 'four')];
    const [read, unread] = [uuidv7(), uuidv7()];
    const { seq } = (await ann.must('post', { id: read, channel, body: 'read' })) as unknown as {
      seq: number;
    };
    await dan.must('ack', { [channel]: seq });
    await ann.must('post', { id: unread, channel, body: 'unread' });
    await dan.must('leave', { channel });
    const rejoined = await dan.must('join', { channel });
    expect(rejoined).toMatchObject({ cursor: seq + 1 });
    await waitFor('the end of the membership', async () => (await dueToDan(unread))?.leftAt);
    expect(await dueToDan(read)).toMatchObject({ confirmed: true, consumers: [{ consumer: 'four' }] });
    expect(await dueToDan(unread)).toMatchObject({ confirmed: false });
    for (const bot of [ann, dan]) bot.close();
  });

  it('comes in pages', async () => {
    const ann = await connect('ann', 'one');
    const id = uuidv7();
    await ann.must('post', { id, channel, body: 'paged' });
    ann.close();
    const whole = namesOf(await deliveries('ann', id));
    expect(whole.length).toBeGreaterThan(1);
    const paged: string[] = [];
    for (let more = '&limit=1'; more !== '';) {
      const page = await deliveries('ann', id, more);
      expect(page.items).toHaveLength(1);
      paged.push(...namesOf(page));
      more = page.next === undefined ? '' : `&limit=1&cursor=${page.next}`;
    }
    expect(paged).toEqual(whole);
  });

  it.each([
    ['no message', '', 400, 'invalid_payload'],
    ['half a message', 'message=ann', 400, 'invalid_payload'],
    ['a cursor that is none', `message=ann/${uuidv7()}&cursor=%2F`, 400, 'invalid_payload'],
    ['an id that is none', 'message=ann/7', 400, 'invalid_payload'],
    ['another bot’s message', `message=ben/${uuidv7()}`, 404, 'unknown_message'],
    ['a parameter that it does not know', `message=ann/${uuidv7()}&deep=1`, 400, 'invalid_payload'],
  ])('is refused for %s', async (_what, query, status, code) => {
    expect(await ask(query)).toMatchObject({ status, body: { code } });
  });
});

const wanted = { channel: 'ops', seq: 500, from: -1 };

/** Cursors that say which membership they belong to, and cursors that do not. */
const advanced = (seq: number, since = -1) =>
  forgedEvent('CursorAdvanced', { cursors: { ops: seq }, epoch: 1, since: { ops: since } });
const silent = (seq: number) => forgedEvent('CursorAdvanced', { cursors: { ops: seq } });

/** The same message, to a membership that ended after the cursors with this revision. */
const endedAfter = (last: number) => ({
  ...wanted,
  isOver: ({ revision }: { revision: number }) => Promise.resolve(revision > last),
});

describe('the time of a confirmation', () => {
  it('is that of the cursor that first reached the message', async () => {
    const stream = 'cursor-spec.times';
    const { store } = audit;
    for (const from of [0, 400, 500, 600])
      await store.append(
        stream,
        Array.from({ length: 100 }, (_, more) => advanced(from + more)),
        'any',
      );
    const times = (await collect(store.readStream(stream))).map(({ at }) => at);
    expect(await confirmationIn(store, stream, wanted)).toEqual({ at: times[200] });
    const last = { ...wanted, seq: 699 };
    expect(await confirmationIn(store, stream, last)).toEqual({ at: times[399] });
    expect(await confirmationIn(store, stream, { ...wanted, seq: 700 })).toBeUndefined();
    expect(await confirmationIn(store, stream, { ...wanted, from: 3 })).toBeUndefined();
    expect(await confirmationIn(store, 'cursor-spec.none', wanted)).toBeUndefined();
  });

  it('is only an upper bound when earlier cursors are not kept', async () => {
    const stream = 'cursor-spec.short';
    const { store } = audit;
    await store.append(stream, [advanced(499), advanced(500), advanced(501)], 'any');
    await store.setStreamMetadata(stream, { maxCount: 1 });
    const found = await confirmationIn(store, stream, wanted);
    expect(found).toHaveProperty('atOrBefore');
  });

  it('is not one of after the end of the membership, whatever those cursors say', async () => {
    const stream = 'cursor-spec.over';
    const { store } = audit;
    await store.append(stream, [silent(499), silent(500), silent(600), silent(700), silent(800)], 'any');
    const [, second] = await collect(store.readStream(stream));
    for (const last of [1, 2, 3, 4])
      expect(await confirmationIn(store, stream, endedAfter(last))).toEqual({ at: second!.at });
    for (const last of [-1, 0]) expect(await confirmationIn(store, stream, endedAfter(last))).toBeUndefined();
  });

  it('survives a consumer that goes back, and a later membership', async () => {
    const stream = 'cursor-spec.back';
    const { store } = audit;
    await store.append(stream, [advanced(10), advanced(600), advanced(20, 510), advanced(700, 510)], 'any');
    const times = (await collect(store.readStream(stream))).map(({ at }) => at);
    expect(await confirmationIn(store, stream, wanted)).toEqual({ at: times[1] });
  });
});
