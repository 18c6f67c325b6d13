import { lexemeOf, pairsOf, quoteLexeme } from './lexemes.js';
import { partsOf } from './run-parts.js';
import { runsOf } from './runs.js';
import type { Run } from './runs.js';

/**
 * The columns that a text is found by. `search` is a vector of all its lexemes, without positions. `words` holds its
 * runs in order, each between spaces, with what joins them: ` foo _ bar baz `. A joint with a space in it leaves
 * nothing. Phrases are searched in `words`, because a vector holds at most 256 positions of a lexeme, and none above
 * 16,383.
 */
export type IndexedText = Readonly<{ search: string; words: string }>;

/** The most code units that are indexed. The largest message has a tenth of that; a vector holds 1 MB. */
const MAX_UNITS = 100_000;

/**
 * Returns what a text is found by. Only the beginning of texts with more than 100,000 characters is indexed, but no bot
 * can post such a text.
 */
export const indexedText = (text: string): IndexedText => {
  const runs = runsOf(text.slice(0, MAX_UNITS));
  return { search: vectorOf(runs), words: wordsOf(runs) };
};

/** Returns runs in the form of `words`. */
export const wordsOf = (runs: readonly Run[]): string => {
  let words = '';
  let length = 0;
  for (const { text, joint } of runs) {
    length += text.length;
    if (length > MAX_UNITS) break;
    words += `${joint ?? ''} ${text} `;
  }
  return words;
};

const vectorOf = (runs: readonly Run[]): string => {
  const lexemes = new Set<string>();
  let length = 0;
  for (const run of runs) {
    length += run.text.length;
    if (length > MAX_UNITS) break;
    for (const lexeme of ownLexemes(run)) lexemes.add(lexeme);
  }
  addParts(runs, lexemes);
  let vector = '';
  for (const lexeme of lexemes) vector += `${quoteLexeme(lexeme)} `;
  return vector;
};

/**
 * Returns the lexemes of a run. The last character alone is a lexeme too, so that a search for one character finds it
 * at the end of a run. Anywhere else, the character is found as the beginning of a pair.
 */
const ownLexemes = (run: Run): readonly string[] =>
  run.kind === 'paired' ? [...pairsOf(run.text), Array.from(run.text).at(-1)!] : [lexemeOf(run.text)];

/**
 * Adds the parts of words, up to a limit: in a text that consists only of such words they would be more than a vector
 * holds.
 */
const addParts = (runs: readonly Run[], lexemes: Set<string>): void => {
  let length = 0;
  for (const { kind, cased } of runs) {
    if (kind !== 'word') continue;
    for (const part of partsOf(cased)) {
      length += part.length;
      if (length > MAX_UNITS) return;
      lexemes.add(lexemeOf(part));
    }
  }
};
