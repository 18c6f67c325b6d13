import { describe, expect, it } from 'vitest';
import { indexedText } from './indexed-text.js';

const lexemes = (text: string): string[] =>
  indexedText(text)
    .search.split(' ')
    .filter((each) => each !== '');

describe('the index of a text', () => {
  it('has its lexemes, each once, and its runs in order', () => {
    expect(indexedText('A foo_bar, a v1')).toEqual({
      search: "'a' 'foo' 'bar' 'v1' 'v' '1' ",
      words: ' a  foo _ bar  a  v1 ',
    });
    expect(indexedText('')).toEqual({ search: '', words: '' });
  });

  it('has, in scripts without spaces, pairs of characters and the last one', () => {
    expect(lexemes('東京都')).toEqual(["'東京'", "'京都'", "'都'"]);
    expect(lexemes('in 東京, 𠮷野')).toEqual(["'in'", "'東京'", "'京'", "'𠮷野'", "'野'"]);
  });

  it('has the beginning of a word that is longer than a lexeme, without half a character', () => {
    expect(lexemes('x'.repeat(3_000))).toEqual([`'${'x'.repeat(255)}'`]);
    expect(lexemes('𝒳'.repeat(3_000))).toEqual([`'${'x'.repeat(255)}'`]);
    expect(lexemes(`a${'𐐨'.repeat(3_000)}`)).toEqual([`'a${'𐐨'.repeat(127)}'`]);
  });
});
