import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexedText } from '#libs/projections/messages/search/indexed-text.js';
import { AdminApi } from '#test/support/admin-api.js';
import type { Page } from '../query/page.js';
import { listMessages } from './list-messages.query.js';
import { SEARCH_BOUNDS } from './search.query.js';
import type { MessageItem } from './shown-messages.js';
import type { ListMessagesQuery } from './list-messages.request.js';
import { usePostgres } from '#test/support/postgres.js';
import { scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';

const MESSAGES = 12_000;
/**
 * How many of the oldest messages contain the word `old`: more than a page, but none of those that are
 * searched first.
 */
const OLD = 120;

const textOf = (n: number): string => `${n} common${n <= OLD ? ' old' : ''}${n % 2 === 0 ? ' even' : ' odd'}`;

const postgres = usePostgres();
let scratch: ScratchDatabase;
let api: AdminApi;

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
  const texts = Array.from({ length: MESSAGES }, (_, index) => textOf(index + 1));
  const indexed = texts.map(indexedText);
  await scratch.database.rows(
    `INSERT INTO messages_g1 (channel, seq, id, bot, kind, body, at, position, search, words)
     SELECT 'channel-' || n % 2, n / 2, gen_random_uuid(), 'bot-' || n % 3, 'posted', body,
       timestamptz '2026-01-01' + n * interval '1 min', n * 100, search, words
     FROM unnest($1::text[], $2::tsvector[], $3::text[]) WITH ORDINALITY AS given(body, search, words, n)`,
    [texts, indexed.map(({ search }) => search), indexed.map(({ words }) => words)],
  );
  await scratch.database.rows('ANALYZE messages_g1');
  await scratch.database.rows('UPDATE projection_builds SET commit_position = $1, prepare_position = $1', [
    MESSAGES * 100,
  ]);
  api = await AdminApi.over(scratch.url);
});
afterAll(async () => {
  await api?.stop();
  await scratch?.close();
});

/** Returns the numbers of all messages found, page by page. */
const found = async (query: string): Promise<number[]> => {
  const numbers: number[] = [];
  for (let next: string | undefined = ''; next !== undefined;) {
    const { status, body } = await api.get(`/messages?${query}${next && `&cursor=${next}`}`);
    expect(status).toBe(200);
    numbers.push(...body.items.map((item) => Number.parseInt(String(item['body']), 10)));
    next = body.next;
  }
  return numbers;
};
const numbers = (wanted: (n: number) => boolean): number[] =>
  Array.from({ length: MESSAGES }, (_, index) => MESSAGES - index).filter(wanted);

describe('a search', () => {
  it.each<[string, string, (n: number) => boolean]>([
    ['a word of few, all old', 'q=old', (n) => n <= OLD],
    ['a word of one', 'q=7', (n) => n === 7],
    ['a word of one among the newest', 'q=11999', (n) => n === 11_999],
    ['words that never meet', 'q=even odd', () => false],
    ['either of two words', 'q=old or 11999', (n) => n <= OLD || n === 11_999],
    ['a word without another', 'q=old -even', (n) => n <= OLD && n % 2 === 1],
    ['words in their order', 'q="old even"', (n) => n <= OLD && n % 2 === 0],
    [
      'words not in this order',
      'q=common -"common old" -"common odd"&limit=200',
      (n) => n > OLD && n % 2 === 0,
    ],
    [
      'the beginning of a word',
      'q=ol* or 1199*',
      (n) => n <= OLD || (n > 11_989 && n < 12_000) || n === 1199,
    ],
    ['a word of a channel', 'q=old&channel=channel-1', (n) => n <= OLD && n % 2 === 1],
    ['a word of a bot', 'q=old&bot=bot-1', (n) => n <= OLD && n % 3 === 1],
    ['a word of all, in a time', 'q=common&to=2026-01-01T02:00:00Z', (n) => n < 120],
    ['a word of all, up to a position', 'q=common&asOf=12000', (n) => n <= 120],
  ])('finds each message once, newest first, however far back it lies: %s', async (_, query, wanted) => {
    expect(await found(query)).toEqual(numbers(wanted));
  });

  it('pages through a word that is in every message', async () => {
    expect(await found('q=common&limit=200')).toEqual(numbers(() => true));
  });
});

describe('a search for frequent words in an order in which they hardly ever stand', () => {
  const FEW = { ...SEARCH_BOUNDS, newest: 1_000, common: 10 };

  it.each<[string, object, (n: number) => boolean]>([
    ['in no message', { q: '"even common"' }, () => false],
    ['in old ones', { q: '"old even"' }, (n) => n <= OLD && n % 2 === 0],
    ['in one', { q: '"1 common" or "even common"' }, (n) => n === 1],
    ['of a channel', { q: '"1 common" or "odd common"', channel: 'channel-1' }, (n) => n === 1],
  ])(
    'looks through so many messages a page, says how far it looked, and finds the same: %s',
    async (_, asked, wanted) => {
      const numbersOf: number[] = [];
      let pages = 0;
      for (let cursor: string | undefined = ''; cursor !== undefined; pages += 1) {
        const query: ListMessagesQuery = { ...asked, ...(cursor && { cursor }) };
        const page: Page<MessageItem> = await scratch.database.guarded(({ manager }) =>
          listMessages(manager, query, FEW),
        );
        numbersOf.push(...page.items.map(({ body }) => Number.parseInt(body, 10)));
        cursor = page.next;
      }
      expect(numbersOf).toEqual(numbers(wanted));
      expect(pages).toBeGreaterThan(_ === 'in old ones' ? 1 : 5);
    },
  );
});
