import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexedText } from './indexed-text.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { termMatch } from './term-match.js';
import type { TermMatch } from './term-match.js';

describe('a term', () => {
  it.each<[string, boolean, TermMatch | undefined]>([
    ['Fox', false, { query: "'fox'" }],
    ['depl', true, { query: "'depl':*" }],
    ['東京', false, { query: "'東京'" }],
    ['京', false, { query: "'京':*" }],
    ['東京都', false, { query: "'東京' & '京都'", order: { pattern: '東京都', like: '%東京都%' } }],
    [
      '東京 都',
      false,
      { query: "'東京' & '都':*", order: { pattern: '東京(?: [^ ]* )?都', like: '%東京%都%' } },
    ],
    [
      'lazy dog',
      false,
      { query: "'lazy' & 'dog'", order: { pattern: '[ 0-9]lazy [^ ]* dog[ 0-9+#]', like: '%lazy%dog%' } },
    ],
    ['a.b', true, { query: "'a' & 'b':*", order: { pattern: '[ 0-9]a \\. b', like: '%a%b%' } }],
    ['1.2', false, { query: "'1' & '2'", order: { pattern: '[^0-9]1 \\. 2[^0-9]', like: '%1%2%' } }],
    ['go go', false, { query: "'go'", order: { pattern: '[ 0-9]go [^ ]* go[ 0-9+#]', like: '%go%go%' } }],
    ['=>', false, undefined],
  ])('%s', (text, prefix, match) => expect(termMatch({ text, not: false, prefix })).toEqual(match));
});

/** Texts of few different words, so that many of them contain a term, or nearly. */
const text = fc
  .array(fc.constantFrom('a', 'b', 'ab', '1', 'v1', '東', '京都', '😀', '%', '_', '.', '-', ' ', '  '), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

const isLike = (words: string, like: string): boolean => {
  let from = 0;
  return like.split('%').every((part) => {
    const at = words.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
};

it('the cheap check of an order holds wherever the exact one does', () => {
  let both = 0;
  fc.assert(
    fc.property(text, text, fc.boolean(), (body, term, prefix) => {
      const order = termMatch({ text: term, not: false, prefix })?.order;
      const { words } = indexedText(body);
      if (!order || !new RegExp(order.pattern).test(words)) return;
      both += 1;
      expect(isLike(words, order.like)).toBe(true);
    }),
    { numRuns: propertyRuns(2_000) },
  );
  expect(both).toBeGreaterThan(0);
});
