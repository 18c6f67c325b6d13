import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexedText } from '#libs/projections/messages/search/indexed-text.js';
import { AdminApi } from '#test/support/admin-api.js';
import { usePostgres } from '#test/support/postgres.js';
import { scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import type { Page } from '../query/page.js';
import { listMessages } from './list-messages.query.js';
import type { ListMessagesQuery } from './list-messages.request.js';
import { SEARCH_BOUNDS } from './search.query.js';
import type { SearchBounds } from './search.query.js';
import type { MessageItem } from './shown-messages.js';

const MESSAGES = 600;

/**
 * Every message has the word `common`, the odd ones twice; every 100th is `rare`; the 7th of each ten has `even common`
 * in this order.
 */
const textOf = (n: number): string =>
  [
    n % 10 === 7 ? 'even common' : 'common even',
    n % 2 === 1 ? 'and common' : 'and padding',
    n % 100 === 0 ? 'rare' : 'usual',
    n,
  ].join(' ');

const postgres = usePostgres();
let scratch: ScratchDatabase;

const insert = async (numbers: readonly number[], texts: readonly string[]): Promise<void> => {
  const indexed = texts.map(indexedText);
  await scratch.database.rows(
    `INSERT INTO messages_g1 (channel, seq, id, bot, kind, body, at, position, search, words)
     SELECT 'channel-' || n % 2, n / 2, gen_random_uuid(), 'bot-1', 'posted', body,
       timestamptz '2026-01-01' + n * interval '1 min', n * 100, search, words
     FROM unnest($1::int[], $2::text[], $3::tsvector[], $4::text[]) AS given(n, body, search, words)`,
    [numbers, texts, indexed.map(({ search }) => search), indexed.map(({ words }) => words)],
  );
};

const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
  await insert(oneTo(MESSAGES), oneTo(MESSAGES).map(textOf));
  await scratch.database.rows('ANALYZE messages_g1');
});
afterAll(() => scratch?.close());

const BOUNDS = { newest: 50, common: 20, frequent: 10, ranked: 30 };

/** The fields of a query, without its class. */
type Asked = Readonly<Pick<ListMessagesQuery, 'q' | 'channel' | 'to' | 'limit' | 'cursor'>>;

const pageOf = (query: Asked, bounds: SearchBounds): Promise<Page<MessageItem>> =>
  scratch.database.guarded(({ manager }) => listMessages(manager, { sort: 'relevance', ...query }, bounds));

const numberOf = ({ body }: MessageItem): number => Number(/\d+$/.exec(body)![0]);

/** Returns the numbers of all messages found, page by page, and what happens between pages. */
const pagesOf = async (
  query: Asked,
  bounds: SearchBounds = SEARCH_BOUNDS,
  between: (page: number) => Promise<void> = () => Promise.resolve(),
): Promise<number[][]> => {
  const pages: number[][] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    if (pages.length > 0) await between(pages.length);
    const page: Page<MessageItem> = await pageOf({ ...query, ...(cursor && { cursor }) }, bounds);
    pages.push(page.items.map(numberOf));
    cursor = page.next;
  }
  return pages;
};

const found = (wanted: (n: number) => boolean): number[] => oneTo(MESSAGES).filter(wanted).toReversed();
const oddFirst = (numbers: readonly number[]): number[] => [
  ...numbers.filter((n) => n % 2 === 1),
  ...numbers.filter((n) => n % 2 === 0),
];

describe('a search by relevance', () => {
  it('shows the best matches first, and the newest first among equals', async () => {
    const pages = await pagesOf({ q: 'common', limit: 200 });
    expect(pages.flat()).toEqual(oddFirst(found(() => true)));
  });

  it.each<[string, Asked, (n: number) => boolean]>([
    ['a word of few, by the index', { q: 'rare' }, (n) => n % 100 === 0],
    ['a frequent word', { q: 'common' }, () => true],
    ['of a channel', { q: 'common', channel: 'channel-1' }, (n) => n % 2 === 1],
    [
      'frequent words in an order that is rare',
      { q: '"common even 7" or "even common"' },
      (n) => n % 10 === 7,
    ],
    ['in an order that never occurs', { q: '"usual common"' }, () => false],
    ['without what is excluded', { q: 'common -usual' }, (n) => n % 100 === 0],
    ['of a time', { q: 'common', to: '2026-01-01T01:40:00Z' }, (n) => n < 100],
  ])('shows each match once, however little is looked at for a page: %s', async (_, query, wanted) => {
    for (const limit of [3, 7, 200]) {
      const numbers = (await pagesOf({ ...query, limit }, BOUNDS)).flat();
      expect(numbers.toSorted((a, b) => b - a)).toEqual(found(wanted));
    }
  });

  it('ranks as many of the newest matches as it may, then the ones before them', async () => {
    const pages = await pagesOf({ q: 'common', limit: 30 }, BOUNDS);
    expect(pages).toHaveLength(MESSAGES / 30);
    expect(pages[0]).toEqual(oddFirst(found((n) => n > MESSAGES - 30)));
    expect(pages[1]).toEqual(oddFirst(found((n) => n > MESSAGES - 60 && n <= MESSAGES - 30)));
  });

  it('shows each match once while others arrive', async () => {
    let next = MESSAGES;
    const pages = await pagesOf({ q: 'common', limit: 7 }, BOUNDS, async () => {
      next += 1;
      await insert([next], [`common common common ${next}`]);
    });
    await scratch.database.rows('DELETE FROM messages_g1 WHERE position > $1', [MESSAGES * 100]);
    expect(next).toBeGreaterThan(MESSAGES + 20);
    expect(pages.flat().toSorted((a, b) => b - a)).toEqual(found(() => true));
  });

  it('says when so many messages were edited that the cursor is of no use', async () => {
    const query: Asked = { q: 'rare', limit: 3 };
    const { next } = await pageOf(query, BOUNDS);
    const edited = indexedText('rare');
    await scratch.database.rows(`UPDATE messages_g1 SET search = $1::tsvector, words = $2`, [
      edited.search,
      edited.words,
    ]);
    await expect(pageOf({ ...query, cursor: next! }, BOUNDS)).rejects.toMatchObject({
      code: 'invalid_payload',
      message: expect.stringContaining('begin the search again') as unknown,
    });
  });
});

describe('GET /v1/messages?sort=relevance', () => {
  let api: AdminApi;
  beforeAll(async () => {
    api = await AdminApi.start(postgres);
  });
  afterAll(() => api?.stop());

  it('answers like a list by time, whose cursors it does not take', async () => {
    for (const text of ['red, red', 'the red one', 'red']) api.posted('general', 'alice', text);
    const first = await api.fresh('/messages?q=red&sort=relevance&limit=2');
    expect(first.body.items).toMatchObject([
      {
        body: 'red, red',
        highlights: [
          { from: 0, to: 3 },
          { from: 5, to: 8 },
        ],
      },
      { body: 'red' },
    ]);
    const second = await api.get(`/messages?q=red&sort=relevance&cursor=${first.body.next}`);
    expect(second.body).toMatchObject({ items: [{ body: 'the red one' }] });
    expect(second.body.next).toBeUndefined();
    expect((await api.get(`/messages?q=red&cursor=${first.body.next}`)).status).toBe(400);
    const byTime = await api.get('/messages?q=red&limit=1&sort=time');
    expect(byTime.body.items).toMatchObject([{ body: 'red' }]);
    expect((await api.get(`/messages?q=red&sort=relevance&cursor=${byTime.body.next}`)).status).toBe(400);
  });

  it.each([
    ['sort=relevance', 'Field "sort" can be "relevance" only together with "q"'],
    ['sort=best&q=red', 'Field "sort" must be one of time, relevance'],
    ['sort=relevance&q=red&cursor=nonsense', 'Field "cursor" must be the "next" of an earlier answer'],
  ])('refuses %s', async (query, detail) => {
    const { status, body } = await api.get(`/messages?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'invalid_payload',
      detail: expect.stringContaining(detail) as unknown,
    });
  });
});
