import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch } from './parse-search.js';

const is = (text: string) => ({ text, not: false, prefix: false });
const not = (text: string) => ({ text, not: true, prefix: false });
const begins = (text: string) => ({ text, not: false, prefix: true });

describe('what people search for', () => {
  it.each([
    ['quick fox', [[is('quick'), is('fox')]]],
    ['quick -fox', [[is('quick'), not('fox')]]],
    ['"lazy dog" or fox', [[is('lazy dog')], [is('fox')]]],
    ['-"lazy dog" OR "fox', [[not('lazy dog')], [is('fox')]]],
    ['“lazy dog” „so“ «da»', [[is('lazy dog'), is('so'), is('da')]]],
    ['or or a or', [[is('a')]]],
    ['- "" -', [[is('-'), is('-')]]],
    ['well-known', [[is('well-known')]]],
    ['--verbose', [[is('--verbose')]]],
    ['depl* -dep*', [[begins('depl'), { ...begins('dep'), not: true }]]],
    ['ഓക്\u200c*', [[begins('ഓക്\u200c')]]],
    ['"all depl*"', [[begins('all depl')]]],
    ['**bold** * a*b', [[is('**bold**'), is('*'), is('a*b')]]],
  ])('%s', (typed, groups) => expect(parseSearch(typed)).toEqual(groups));

  it('is always understood somehow, and no term is left out', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (typed) => void parseSearch(typed)));
    expect(parseSearch('a '.repeat(250)).flat()).toHaveLength(250);
  });
});
