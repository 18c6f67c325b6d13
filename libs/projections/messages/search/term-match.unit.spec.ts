import { describe, expect, it } from 'vitest';
import { termMatch } from './term-match.js';
import type { TermMatch } from './term-match.js';

describe('a term', () => {
  it.each<[string, boolean, TermMatch | undefined]>([
    ['Fox', false, { query: "'fox'" }],
    ['depl', true, { query: "'depl':*" }],
    ['東京', false, { query: "'東京'" }],
    ['京', false, { query: "'京':*" }],
    ['東京都', false, { query: "'東京' & '京都'", pattern: '東京都' }],
    ['東京 都', false, { query: "'東京' & '都':*", pattern: '東京(?: [^ ]* )?都' }],
    ['lazy dog', false, { query: "'lazy' & 'dog'", pattern: '[ 0-9]lazy [^ ]* dog[ 0-9+#]' }],
    ['a.b', true, { query: "'a' & 'b':*", pattern: '[ 0-9]a \\. b' }],
    ['1.2', false, { query: "'1' & '2'", pattern: '[^0-9]1 \\. 2[^0-9]' }],
    ['go go', false, { query: "'go'", pattern: '[ 0-9]go [^ ]* go[ 0-9+#]' }],
    ['=>', false, undefined],
  ])('%s', (text, prefix, match) => expect(termMatch({ text, not: false, prefix })).toEqual(match));
});
