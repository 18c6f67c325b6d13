import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';

let log: TestLog;
let gateway: TestGateway;
let other: TestGateway;

beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log, { VERBATIM_RATE_LIMIT: '100000', VERBATIM_RATE_BURST: '100000' });
  other = await startTestGateway(log);
});
afterAll(async () => {
  await other?.stop();
  await gateway?.stop();
  await log?.stop();
});

let number = 0;
/** Builds a channel with two members of its own. The second one is on the other gateway. */
const room = async () => {
  number += 1;
  const channel = `room-${number}`;
  await gateway.channel(channel);
  const [alice, bob] = [`alice-${number}`, `bob-${number}`];
  const keys = { alice: await gateway.bot(alice), bob: await gateway.bot(bob) };
  const here = await TestBot.connect(gateway.url, { key: keys.alice });
  await here.must('join', { channel });
  const there = await TestBot.connect(other.url, { key: keys.bob });
  await there.must('join', { channel });
  const post = async (bot: TestBot, body: string): Promise<string> => {
    const id = uuidv7();
    await bot.must('post', { id, channel, body });
    return id;
  };
  const close = (): void => [here, there].forEach((bot) => bot.close());
  return { channel, keys, names: { alice, bob }, here, there, post, close };
};

describe('editing', () => {
  it('reaches every member as a message of its own, and is accepted once', async () => {
    const { channel, names, here, there, post, close } = await room();
    const target = await post(here, 'helo');
    const edit = { id: uuidv7(), channel, target, body: 'hello', data: { v: 2 } };
    const first = await here.must('edit', edit);
    expect(first).toMatchObject({ id: edit.id, channel, seq: 1 });
    expect(await here.must('edit', edit)).toEqual({ ...first, duplicate: true });
    for (const bot of [here, there]) {
      await bot.untilSeq(channel, 1);
      const { at } = first as unknown as { at: string };
      expect(bot.messages(channel).at(-1)).toEqual({ ...edit, kind: 'edited', bot: names.alice, seq: 1, at });
    }
    expect((await here.request('edit', { ...edit, body: 'bye' })).error).toMatchObject({
      code: 'id_conflict',
    });
    expect((await here.request('post', { id: edit.id, channel, body: 'hello' })).error).toMatchObject({
      code: 'id_conflict',
    });
    close();
  });

  it('is only allowed for the bot’s own posts in the same channel', async () => {
    const { channel, here, there, post, close } = await room();
    const mine = await post(here, 'mine');
    const theirs = await post(there, 'theirs');
    await here.untilSeq(channel, 1);
    const edit = (target: string, fields: object = {}) =>
      here.request('edit', { id: uuidv7(), channel, target, body: 'x', ...fields });
    expect((await edit(uuidv7())).error).toMatchObject({ code: 'unknown_message', status: 404 });
    expect((await edit(theirs)).error).toMatchObject({ code: 'forbidden', status: 403 });
    const { id: edited } = await here.must('edit', { id: uuidv7(), channel, target: mine, body: 'y' });
    expect((await edit(edited as string)).error).toMatchObject({ code: 'unknown_message' });
    const second = `${channel}-second`;
    await gateway.channel(second);
    expect((await edit(mine, { channel: second })).error).toMatchObject({ code: 'forbidden' });
    await here.must('join', { channel: second });
    expect((await edit(mine, { channel: second })).error).toMatchObject({ code: 'unknown_message' });
    close();
  });

  it('does not have to wait for the answer to the post', async () => {
    const { channel, here, close } = await room();
    const [target, edit, redact] = [uuidv7(), uuidv7(), uuidv7()];
    const replies = await Promise.all([
      here.request('post', { id: target, channel, body: 'first' }),
      here.request('edit', { id: edit, channel, target, body: 'second' }),
      here.request('redact', { id: redact, channel, target }),
      here.request('edit', { id: uuidv7(), channel, target, body: 'third' }),
    ]);
    expect(replies.map(({ seq, error }) => seq ?? error?.code)).toEqual([0, 1, 2, 'message_redacted']);
    close();
  });
});

describe('redacting', () => {
  it('withholds the message and its edits from every backlog and from history, on both gateways', async () => {
    const { channel, keys, names, here, there, post, close } = await room();
    const target = await post(here, 'a secret');
    await here.must('edit', { id: uuidv7(), channel, target, body: 'another secret', data: { secret: 1 } });
    await post(here, 'no secret');
    const redact = { id: uuidv7(), channel, target, reason: 'a slip' };
    const first = await here.must('redact', redact);
    expect(await here.must('redact', redact)).toEqual({ ...first, duplicate: true });
    expect((await here.request('redact', { ...redact, id: uuidv7() })).error).toMatchObject({
      code: 'message_redacted',
      status: 409,
    });
    await there.untilSeq(channel, 3);
    expect(there.messages(channel).map(({ body }) => body)).toEqual([
      'a secret',
      'another secret',
      'no secret',
      'a slip',
    ]);
    const concealed = [
      { seq: 0, kind: 'posted', bot: names.alice, body: '', redacted: true },
      { seq: 1, kind: 'edited', bot: names.alice, body: '', redacted: true, target },
      { seq: 2, kind: 'posted', body: 'no secret' },
      { seq: 3, kind: 'redacted', body: 'a slip', target },
    ];
    // A gateway that starts now knows only what is in the log.
    const fresh = await startTestGateway(log);
    for (const { url } of [gateway, other, fresh]) {
      const bot = await TestBot.connect(url, { key: keys.bob, consumer: 'again', resume: { [channel]: -1 } });
      await bot.untilSeq(channel, 3);
      expect(bot.messages(channel)).toMatchObject(concealed);
      expect(await bot.must('history', { channel })).toMatchObject({ messages: concealed });
      const headers = { authorization: `Bearer ${keys.bob}` };
      const page = await fetch(`${url}/v1/channels/${channel}/messages`, { headers });
      const text = await page.text();
      expect(JSON.parse(text)).toMatchObject({ items: concealed });
      for (const shown of [text, JSON.stringify(bot.received)])
        expect(shown).not.toMatch(/a secret|secret"?:/);
      bot.close();
    }
    await fresh.stop();
    close();
  });

  it('is known to a gateway that starts later, however far from the message the redaction lies', async () => {
    const { channel, keys, here, post, close } = await room();
    const fill = (): Promise<unknown> => Promise.all(Array.from({ length: 600 }, () => post(here, 'filler')));
    const first = async (url: string) => {
      const bot = await TestBot.connect(url, { key: keys.bob, consumer: 'late', resume: { [channel]: -1 } });
      await bot.untilSeq(channel, 0);
      bot.close();
      return bot.messages(channel)[0];
    };
    const target = await post(here, 'a secret');
    await fill();
    await here.must('redact', { id: uuidv7(), channel, target });
    await fill();
    for (const how of ['by the log', 'by the snapshot of the one before']) {
      const fresh = await startTestGateway(log);
      expect({ how, ...(await first(fresh.url)) }).toMatchObject({ how, seq: 0, body: '', redacted: true });
      await fresh.stop();
    }
    close();
  });

  it('wins against an edit through another gateway at the same moment', async () => {
    const { channel, keys, here, post, close } = await room();
    const elsewhere = await TestBot.connect(other.url, { key: keys.alice, consumer: 'elsewhere' });
    for (let round = 0; round < 20; round += 1) {
      const target = await post(here, 'said');
      const [redacted, edited] = await Promise.all([
        here.request('redact', { id: uuidv7(), channel, target }),
        elsewhere.request('edit', { id: uuidv7(), channel, target, body: 'anew' }),
      ]);
      expect(redacted.ok).toBe(true);
      // The other gateway may not know the post yet. It must not accept an edit after the redaction.
      if (edited.ok) expect(edited['seq']).toBeLessThan(redacted['seq'] as number);
      else expect(['message_redacted', 'unknown_message']).toContain(edited.error!.code);
    }
    elsewhere.close();
    close();
  });
});
