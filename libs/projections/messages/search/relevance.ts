import { parseSearch } from './parse-search.js';
import type { SearchTerm } from './parse-search.js';
import { runsOf } from './runs.js';
import { patternOf } from './term-match.js';

/** How much of the indexed words of a text counts, in characters, and how many of the typed terms. */
export const RANKED = { characters: 2_000, terms: 16 } as const;

/** A text's relevance for a search, from its column `words`. A larger number is more relevant. */
export type Relevance = (words: string) => number;

/** A word that is there counts more than how often it is there. */
const WHOLE = 3;
const MOST_COUNTED = 3;
const ONLY_PART = 2;
const TOGETHER = 6;

const SHORTNESS_BITS = 3;
const LONGEST = 2 ** SHORTNESS_BITS - 1;

/**
 * Returns a function that rates texts for a search. What was typed counts first: whole words more than parts of words,
 * several occurrences more than one (up to three), all words of an alternative together in their order most. Among
 * equals, a shorter text is more relevant. The result is a whole number from 0 to 2,000; it depends only on the
 * arguments, so every process and every PostgreSQL gives the same order.
 *
 * Only the first 2,000 characters of the words count, and the first 16 terms, so that one rating has a bounded cost.
 */
export const relevanceOf = (typed: string): Relevance => {
  const groups = ratedGroups(typed);
  return (words) => {
    const rated = words.slice(0, RANKED.characters);
    let score = 0;
    for (const group of groups) {
      for (const pattern of group.terms) score += termScore(rated, pattern);
      if (group.together?.test(rated) === true) score += TOGETHER;
    }
    return score * 2 ** SHORTNESS_BITS + shortness(words);
  };
};

type RatedGroup = Readonly<{ terms: readonly RegExp[]; together: RegExp | undefined }>;

const ratedGroups = (typed: string): RatedGroup[] => {
  let left: number = RANKED.terms;
  return parseSearch(typed).map((group) => {
    const wanted = group.filter(({ not }) => !not).slice(0, left);
    left -= wanted.length;
    const together = wanted.length > 1 ? allTogether(wanted) : undefined;
    return {
      terms: wanted.flatMap((term) => patternFor(term, 'g') ?? []),
      together: together && patternFor(together, ''),
    };
  });
};

const allTogether = (terms: readonly SearchTerm[]): SearchTerm => ({
  text: terms.map(({ text }) => text).join(' '),
  not: false,
  prefix: terms.at(-1)!.prefix,
});

/** Returns the pattern of a term, with the characters before and after it as its groups. */
const patternFor = ({ text, prefix }: SearchTerm, flags: string): RegExp | undefined => {
  const runs = runsOf(text);
  if (runs.length === 0) return undefined;
  const { before, term, after } = patternOf(runs, prefix);
  // Where words may begin or end anywhere (Chinese, Thai), every place is a whole word.
  const start = before === '' ? '()' : `(?<=(${before}))`;
  const end = after === '' && !prefix ? '()' : '(?=([^]))';
  return new RegExp(`${start}${term}${after && `(?=${after})`}${end}`, flags);
};

const isEdge = (character: string | undefined): boolean => character === '' || character === ' ';

const termScore = (words: string, pattern: RegExp): number => {
  let whole = 0;
  let parts = 0;
  for (const [, before, after] of words.matchAll(pattern)) {
    if (isEdge(before) && isEdge(after)) whole += 1;
    else parts += 1;
    if (whole === MOST_COUNTED) break;
  }
  if (whole > 0) return WHOLE + whole;
  return parts > 0 ? ONLY_PART : 0;
};

/** Returns 7 for the shortest texts and 1 less for each doubling of the length; at least 0. */
const shortness = (words: string): number => Math.max(0, LONGEST - (32 - Math.clz32(words.length >> 6)));
