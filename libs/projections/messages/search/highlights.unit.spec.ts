import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { highlightsOf } from './highlights.js';

/** Returns the text with its highlighted parts in brackets. */
const shown = (text: string, typed: string): string => {
  let end = 0;
  let result = '';
  for (const { from, to } of highlightsOf(text, typed)) {
    result += `${text.slice(end, from)}[${text.slice(from, to)}]`;
    end = to;
  }
  return result + text.slice(end);
};

describe('what is highlighted', () => {
  it.each([
    ['The build is green', 'build', 'The [build] is green'],
    ['say “Hello”, HELLO', 'hello', 'say “[Hello]”, [HELLO]'],
    ['go go go', 'go -is', '[go] [go] [go]'],
    ['red or green', 'red or blue or green', '[red] or [green]'],
    ['all greens are green', '"all greens"', '[all greens] are green'],
    ['deploying deployed', 'deploy*', '[deploy]ing [deploy]ed'],
    ['/var/log/nginx/error.log', 'nginx/error.log', '/var/log/[nginx/error.log]'],
    ['v1.2.3-rc1', '1.2.3', 'v[1.2.3]-rc1'],
    ['call getUserName()', 'user', 'call [getUserName]()'],
    ['東京都に行きました', '京都 行き', '東[京都]に[行き]ました'],
    ['iPhone発売', '発', 'iPhone[発]売'],
    ['Stra\u00adße, ﬁle cafe\u0301s', 'STRASSE file cafés', '[Stra\u00adße], [ﬁle] [cafe\u0301s]'],
    ['✅ done 👩‍💻', '✅', '[✅] done 👩‍💻'],
    ['✅✅✅ done', 'done', '✅✅✅ [done]'],
    ['5½ done', 'done', '5½ [done]'],
    ['a b', '"a b" b*', '[a b]'],
    ['nothing', '=> -x', 'nothing'],
  ])('%j for %s', (text, typed, expected) => expect(shown(text, typed)).toBe(expected));

  it('lies in the text, in order and apart, whatever text and search are', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom('a', '1', ' ', '.', '京', 'ｶﾞ', 'ß', '\u0301', 'ﷺ', '✅', '"', '*', '-'),
      }),
    );
    fc.assert(
      fc.property(any, any, (text, typed) => {
        let end = 0;
        for (const { from, to } of highlightsOf(text, typed)) {
          expect(from).toBeGreaterThanOrEqual(end);
          expect(to).toBeGreaterThan(from);
          end = to;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it('is bounded', () => expect(highlightsOf('a '.repeat(5_000), 'a')).toHaveLength(100));
});
