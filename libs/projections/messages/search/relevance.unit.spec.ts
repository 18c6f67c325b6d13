import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { indexedText } from './indexed-text.js';
import { RANKED, relevanceOf } from './relevance.js';

/** Returns the texts in the order of their relevance, the most relevant first. */
const ranked = (typed: string, texts: readonly string[]): string[] => {
  const relevance = relevanceOf(typed);
  const rated = texts.map((text) => ({ text, rating: relevance(indexedText(text).words) }));
  return rated.toSorted((a, b) => b.rating - a.rating).map(({ text }) => text);
};

describe('relevance', () => {
  it.each<[string, string, string[]]>([
    ['whole words before parts of words', 'deploy*', ['deploy it', 'deployed']],
    ['whole words before parts of identifiers', 'user', ['the user', 'getUserName']],
    ['several occurrences before one', 'red', ['red, red!', 'red, green']],
    ['words together in their order first', 'build green', ['the build: green', 'green is the build']],
    ['a compound as it is written', 'foo_bar', ['foo_bar foo_bar', 'foo_bar']],
    ['both alternatives before one', 'red or green', ['red and green', 'red and yellow']],
    ['short texts before long ones', 'red', ['red', `red ${'and so on '.repeat(20)}`]],
    ['stretches of a script without spaces', '東京', ['東京は東京', '東京都']],
    ['signs', '✅', ['✅ ✅', '✅ done']],
  ])('puts %s', (_, typed, expected) => {
    expect(ranked(typed, expected)).toEqual(expected);
    expect(ranked(typed, expected.toReversed())).toEqual(expected);
  });

  it('does not count a word more than three times', () => {
    const relevance = relevanceOf('red');
    const of = (text: string): number => relevance(indexedText(text).words);
    expect(of('red red red')).toBeGreaterThan(of('red red or'));
    expect(of('red red red red')).toBe(of('red red red too'));
  });

  it('does not count words that must not be there', () => {
    expect(relevanceOf('-red')(indexedText('red').words)).toBe(relevanceOf('')(indexedText('red').words));
  });

  it('is a whole number from 0 to 2,000 for whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 500 }),
        fc.string({ unit: 'grapheme' }),
        (typed, text) => {
          const rating = relevanceOf(typed)(indexedText(`${text} ${typed}`).words);
          expect(Number.isInteger(rating) && rating >= 0 && rating <= 2_000).toBe(true);
        },
      ),
      { numRuns: propertyRuns(200) },
    );
  });

  it('looks at a bounded part of the text and of what is typed', () => {
    const far = `${'x '.repeat(RANKED.characters)}red`;
    expect(relevanceOf('red')(indexedText(far).words)).toBe(0);
    const many = Array.from({ length: RANKED.terms + 1 }, (_, n) => `w${n}q`).join(' or ');
    expect(relevanceOf(many)(' w16q ')).toBe(relevanceOf('nothing')(' w16q '));
  });
});
