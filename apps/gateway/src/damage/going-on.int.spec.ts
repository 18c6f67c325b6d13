import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { forge } from '#test/support/forge.js';
import { sequence } from '#test/support/sequence.js';
import { TwoGateways, WHY, notices, posted, told } from '#test/support/two-gateways.js';
import type { TestGateway } from '#test/support/gateway-app.js';
import type { Json } from '#libs/domain/json.js';
import type { Message } from '#libs/protocol/message.js';

let two: TwoGateways;

beforeAll(async () => {
  two = await TwoGateways.start();
});
afterAll(() => two?.remove());

type Kind = readonly [kind: string, type: string, data: (channel: string) => Json, metadata: object];
const KINDS: readonly Kind[] = [
  ['a shape of nothing', 'MessagePosted', () => ({ forged: true }), {}],
  ['null', 'MessagePosted', () => null, {}],
  ['a field of another type', 'MessagePosted', (channel) => posted(channel, { body: { a: 1 } }), {}],
  ['an unknown type', 'MessagePainted', posted, {}],
  ['a later version', 'MessagePosted', posted, { schema: 2 }],
  ['a huge one', 'MessagePosted', (channel) => posted(channel, { body: 'x'.repeat(900_000) }), {}],
];

describe('a channel at an event that an admin sets aside', () => {
  it.each(KINDS)('continues for everybody: %s', async (_kind, type, data, metadata) => {
    const channel = await two.scene();
    const stream = `messages-${channel}`;
    const live = await Promise.all(two.gateways.map((gateway) => two.connect(gateway)));
    await Promise.all(live.map((bot) => bot.untilCaughtUp(channel)));
    expect((await forge(two.outsider, stream, type, data(channel), metadata)).revision).toBe(2);
    await forge(two.outsider, stream, 'MessagePosted', posted(channel));
    await two.stopped(channel);
    for (const bot of live)
      await waitFor('the notice', () => notices(bot, channel).includes('channel_damaged'));

    expect((await two.setAside(stream, 2)).status).toBe(201);
    await Promise.all(live.map((bot) => bot.untilSeq(channel, 3)));
    for (const bot of live) {
      expect(told(bot, channel)).toEqual(['0', '1', '-2', '3']);
      expect(notices(bot, channel)).toEqual(['channel_damaged', 'channel_restored']);
    }
    expect(await Promise.all(two.gateways.map((gateway) => two.post(gateway, channel)))).toEqual([
      'ok',
      'ok',
    ]);
    const all = ['0', '1', '-2', '3', '4', '5'];
    for (const gateway of two.gateways) expect(await two.fromStart(gateway, channel)).toEqual(all);
    const { messages, more, skipped } = await live[1]!.must('history', { channel, after: 0, limit: 3 });
    expect([(messages as Message[]).map(({ seq }) => seq), more]).toEqual([[1, 3], true]);
    expect(skipped).toEqual([{ from: 2, to: 2, reason: 'set_aside' }]);
    for (const gateway of two.gateways) expect(two.named(gateway)).not.toContain(stream);
    for (const bot of live) bot.close();
  });

  it('is exact after a start, wherever in the channel the event lies, and says who decided', async () => {
    const [first, last, several] = [await two.scene(0), await two.scene(2), await two.scene(1)];
    await two.bad(first);
    await two.good(first);
    await two.bad(last);
    for (const one of ['bad', 'bad', 'good', 'bad', 'good', 'bad'] as const) await two[one](several);
    await Promise.all([first, last, several].map((channel) => two.stopped(channel)));
    await two.setAside(`messages-${first}`, 0, two.gateways[1]);
    await two.setAside(`messages-${last}`, 2);
    // They are decided from the last to the first. The channel continues only when the first one is decided.
    for (const seq of [6, 4, 2]) await two.setAside(`messages-${several}`, seq);
    expect(await two.post(two.gateways[0]!, several)).toBe('channel_damaged');
    await two.setAside(`messages-${several}`, 1);
    const expected: readonly (readonly [string, string[]])[] = [
      [first, ['-0', '1']],
      [last, ['0', '1', '-2']],
      [several, ['0', '-1', '-2', '3', '-4', '5', '-6']],
    ];
    for (const attempt of [1, 2]) {
      for (const gateway of two.gateways)
        for (const [channel, places] of expected)
          await waitFor(`${channel} to go on`, async () => {
            const all = await two.fromStart(gateway, channel);
            return all.length === places.length && (expect(all).toEqual(places), true);
          });
      if (attempt === 1) await two.restart();
    }
    for (const gateway of two.gateways) {
      for (const [channel] of expected) expect(two.named(gateway)).not.toContain(`"messages-${channel}"`);
      expect(await two.listed(gateway)).toContainEqual(
        expect.objectContaining({
          stream: `messages-${first}`,
          revision: 0,
          status: 'set_aside',
          reason: WHY,
          setAsideBy: two.adminKeyId,
          setAsideAt: expect.any(String) as unknown,
        }),
      );
    }
    expect(await two.post(two.gateways[1]!, several)).toBe('ok');
    expect((await two.fromStart(two.gateways[0]!, several)).at(-1)).toBe('7');
  });

  it('continues for a bot whose backlog waits before the event', async () => {
    const channel = await two.scene(0);
    const stream = `messages-${channel}`;
    await two.post300(channel);
    await forge(two.outsider, stream, 'MessagePosted', null);
    await two.post300(channel);
    await two.restart(); // nobody has read that far back yet, except at the start
    const waiting = await two.connect(two.gateways[1]!, { resume: { [channel]: -1 } });
    await waiting.untilSeq(channel, 299);
    await waitFor('the notice', () => notices(waiting, channel).includes('channel_damaged'));
    expect(waiting.all('caughtup').some((one) => one['channel'] === channel)).toBe(false);
    expect(await two.listed(two.gateways[1])).toContainEqual(
      expect.objectContaining({ stream, revision: 300, status: 'damaged' }),
    );
    await two.setAside(stream, 300);
    await waiting.untilSeq(channel, 600);
    const all = [...sequence(0, 299).map(String), '-300', ...sequence(301, 600).map(String)];
    expect(told(waiting, channel)).toEqual(all);
    waiting.close();
  });

  it('begins for a bot where it asked to, once that is known', async () => {
    const channel = await two.scene(0);
    await two.post300(channel);
    await two.bad(channel); // exactly where the first half ends, which is checked first
    await two.post300(channel);
    await two.restart();
    const bot = await two.connect(two.gateways[1]!, {
      resume: { [channel]: -1 },
      backlog: { maxAgeMs: 3_600_000 },
    });
    await waitFor('the notice', () => notices(bot, channel).includes('channel_damaged'));
    expect(told(bot, channel)).toEqual([]);
    await two.setAside(`messages-${channel}`, 300);
    await bot.untilCaughtUp(channel);
    expect(told(bot, channel).filter((place) => place !== '-300')).toHaveLength(600);
    expect(told(bot, channel)[300]).toBe('-300');
    bot.close();
  });

  it('answers retries of accepted messages until then, but accepts no new ones', async () => {
    const [hit, closed] = [await two.scene(0), await two.scene(0)];
    const bot = await two.connect(two.gateways[0]!);
    const posts = [hit, closed].map((channel) => ({ id: uuidv7(), channel, body: 'once' }));
    const answers = await Promise.all(posts.map((one) => bot.must('post', one)));
    const edit = { id: uuidv7(), channel: hit, target: posts[0]!.id, body: 'twice' };
    const edited = await bot.must('edit', edit);
    await forge(two.outsider, `messages-${hit}`, 'MessagePosted', null);
    await forge(two.outsider, `channel-${closed}`, 'BotLeft', { channel: closed, bot: 7 });
    await Promise.all([two.stopped(hit), two.stopped(closed)]);
    for (const gateway of two.gateways) {
      const again = await two.connect(gateway);
      for (const channel of [hit, closed]) expect(notices(again, channel)).toEqual(['channel_damaged']);
      for (const [index, one] of posts.entries()) {
        expect(await again.must('post', one)).toEqual({ ...answers[index], duplicate: true });
        const byHttp = await two.api(gateway).request('POST', '/v1/messages', one, two.key);
        const { ok: _, ...first } = answers[index]!;
        expect([byHttp.status, byHttp.body]).toEqual([200, { ...first, duplicate: true }]);
        const other = await again.request('post', { ...one, body: 'other' });
        expect(other.error?.code).toBe('id_conflict');
        const fresh = await again.request('post', { ...one, id: uuidv7() });
        expect(fresh.error?.code).toBe('channel_damaged');
      }
      expect(await again.must('edit', edit)).toEqual({ ...edited, duplicate: true });
      again.close();
    }
    await two.setAside(`messages-${hit}`, 2);
    await two.setAside(`channel-${closed}`, 2);
    for (const channel of [hit, closed])
      for (const gateway of two.gateways)
        await waitFor('the channel', async () => (await two.post(gateway, channel)) === 'ok');
    bot.close();
  });
});

describe('a damaged stream of the directory', () => {
  it('is whole again once its events are set aside: a channel, a bot, the keys of auditors', async () => {
    const channel = await two.scene(1);
    const eve = await two.gateways[0]!.bot('eve');
    const auditor = await two.gateways[0]!.operator('auditor');
    const live = await two.connect(two.gateways[1]!);
    await live.untilCaughtUp(channel);
    const places = await Promise.all(
      (
        [
          [`channel-${channel}`, 'BotLeft', { channel, bot: ['ada'] }],
          ['bot-eve', 'KeyRevoked', { bot: 'eve', keyId: 7 }],
          ['keys-auditor', 'OperatorKeyRevoked', null],
        ] as const
      ).map(async ([stream, type, data]) => ({
        stream,
        revision: (await forge(two.outsider, stream, type, data as Json)).revision,
      })),
    );
    const auditorAt = async (gateway: TestGateway): Promise<number> =>
      (await two.api(gateway).request('GET', '/v1/damaged', undefined, auditor)).status;
    const eveAt = (gateway: TestGateway): Promise<string> =>
      TestBot.connect(gateway.url, { key: eve }).then(
        (bot) => (bot.close(), 'ok'),
        () => 'closed',
      );
    await two.stopped(channel);
    await waitFor('the notice', () => notices(live, channel).includes('channel_damaged'));
    for (const gateway of two.gateways) await waitFor('eve', async () => (await eveAt(gateway)) === 'closed');
    for (const { stream, revision } of places)
      expect((await two.setAside(stream, revision)).status).toBe(201);
    for (const attempt of [1, 2]) {
      for (const gateway of two.gateways) {
        await waitFor('eve', async () => (await eveAt(gateway)) === 'ok');
        await waitFor('the channel', async () => (await two.post(gateway, channel)) === 'ok');
        expect(await auditorAt(gateway)).toBe(403); // a valid key of another role
        for (const { stream } of places) expect(two.named(gateway)).not.toContain(stream);
      }
      if (attempt === 1) {
        await live.untilSeq(channel, 2);
        expect(notices(live, channel)).toEqual(['channel_damaged', 'channel_restored']);
        expect(told(live, channel)).toEqual(['0', '1', '2']);
        live.close();
        await two.restart();
      }
    }
  });
});
