import { lexemeOf, pairsOf, quoteLexeme } from './lexemes.js';
import { partsOf } from './run-parts.js';
import { runsOf } from './runs.js';
import type { Run } from './runs.js';

/**
 * What a text is found by. `search`: a vector of all its lexemes, without positions. `words`: its runs in order, each
 * between spaces, with what joins them: ` foo _ bar  baz `; what has a space in it leaves nothing. Phrases are looked for in it, for
 * a vector holds no more than 256 positions of a lexeme, and none beyond 16,383.
 */
export type IndexedText = Readonly<{ search: string; words: string }>;

/** The largest message has a tenth of that; a vector holds 1 MB. */
const MAX_UNITS = 100_000;

/** Texts of more than 100,000 characters, which no bot can post, are found by their beginning. */
export const indexedText = (text: string): IndexedText => {
  const runs = runsOf(text.slice(0, MAX_UNITS));
  return { search: vectorOf(runs), words: wordsOf(runs) };
};

/** Runs in order, as `words` has them. */
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

/** The last character alone is how a single one is found at the end of a run; any other is how a pair begins. */
const ownLexemes = (run: Run): readonly string[] =>
  run.kind === 'paired' ? [...pairsOf(run.text), Array.from(run.text).at(-1)!] : [lexemeOf(run.text)];

/** Parts come last: of a text that is made of nothing else they would be more than a vector holds. */
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
