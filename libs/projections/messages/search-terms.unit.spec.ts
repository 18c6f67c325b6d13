import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch } from './search-terms.js';
import { searchableText, searchedText } from './searchable-text.js';

const is = (text: string) => ({ text, not: false });
const not = (text: string) => ({ text, not: true });

describe('what people search for', () => {
  it.each([
    ['quick fox', [[is('quick'), is('fox')]]],
    ['quick -fox', [[is('quick'), not('fox')]]],
    ['"lazy dog" or fox', [[is('lazy dog')], [is('fox')]]],
    ['-"lazy dog" OR "fox', [[not('lazy dog')], [is('fox')]]],
    ['or or a or', [[is('a')]]],
    ['- "" -', []],
    ['well-known', [[is('well-known')]]],
  ])('%s', (typed, groups) => expect(parseSearch(typed)).toEqual(groups));

  it('is always understood somehow, and bounded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (typed) => {
        expect(parseSearch(typed).flat().length).toBeLessThanOrEqual(32);
      }),
    );
    expect(parseSearch('a '.repeat(250)).flat()).toHaveLength(32);
  });
});

describe('text without spaces between words', () => {
  it('becomes pairs of characters and the last one', () => {
    expect(searchableText('東京都')).toBe(' 東京 京都 都 ');
    expect(searchableText('in 東京, 𠮷野')).toBe('in  東京 京 ,  𠮷野 野 ');
    expect(searchableText('no such script')).toBeNull();
  });

  it('is searched for by whole pairs', () => {
    expect(searchedText('京都')).toBe(' 京都 ');
    expect(searchedText('京')).toBe(' 京 ');
    expect(searchedText('東京都')).toBe(' 東京 京都 ');
  });
});
