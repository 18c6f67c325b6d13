import { isCut, lexemeOf, pairsOf, quoteLexeme } from './lexemes.js';
import { runsOf } from './runs.js';
import type { Run } from './runs.js';
import type { SearchTerm } from './parse-search.js';

/** How a term is searched for. */
export type TermMatch = Readonly<{
  /** A query on `search` that every message with the term matches. */
  query: string;
  /** How to check `words`, if the query alone also finds messages without the term. */
  order?: TermOrder;
}>;

/**
 * What `words` must look like: a regular expression, and a pattern of `LIKE` that holds wherever the expression does. A
 * row that does not have the order nearly always fails `LIKE`, which costs a tenth of the expression.
 */
export type TermOrder = Readonly<{ pattern: string; like: string }>;

/** Returns how to search for a term, or undefined if it contains nothing to search for. */
export const termMatch = ({ text, prefix }: SearchTerm): TermMatch | undefined => {
  const runs = runsOf(text);
  const last = runs.at(-1);
  if (!last) return undefined;
  const queries = new Set(runs.flatMap((run) => queriesOf(run, prefix && run === last)));
  const query = [...queries].join(' & ');
  if (runs.length === 1 && queries.size === 1 && !isCut(last)) return { query };
  const { before, term, after } = patternOf(runs, prefix);
  // No run contains a character that means something to `LIKE`.
  const like = `%${runs.map((run) => run.text).join('%')}%`;
  return { query, order: { pattern: `${before}${term}${after}`, like } };
};

const queriesOf = ({ kind, text }: Run, prefix: boolean): string[] => {
  if (kind !== 'paired') return [`${quoteLexeme(lexemeOf(text))}${prefix ? ':*' : ''}`];
  const pairs = pairsOf(text);
  return pairs.length === 0 ? [`${quoteLexeme(text)}:*`] : pairs.map(quoteLexeme);
};

/**
 * A regular expression on `words` in three parts: what must come before the term, the term itself, and what must come
 * after it.
 */
export type TermPattern = Readonly<{ before: string; term: string; after: string }>;

/**
 * Returns the pattern of a term. It means the same to every PostgreSQL and to JavaScript, because none of its character
 * classes depends on a locale. Words that were typed with a space between them are also found with anything else there;
 * words that were typed joined (`foo_bar`) must be joined the same way.
 */
export const patternOf = (runs: readonly Run[], prefix: boolean): TermPattern => {
  const [first, last] = [runs[0]!, runs.at(-1)!];
  let term = '';
  let before: Run | undefined;
  for (const run of runs) {
    if (before) term += betweenOf(before, run);
    term += escaped(run.text);
    before = run;
  }
  return { before: startOf(first), term, after: prefix ? '' : endOf(last) };
};

/**
 * Returns the pattern between two runs. Spaces between words of a script without spaces do not matter, because people
 * who type them do not mean them.
 */
const betweenOf = (before: Run, { kind, joint }: Run): string => {
  if (joint !== undefined) return ` ${escaped(joint)} `;
  return kind === 'paired' && before.kind === 'paired' ? '(?: [^ ]* )?' : ' [^ ]* ';
};

/**
 * Returns the pattern before the first run. In a script without spaces a word can begin anywhere. Otherwise a word can
 * also begin where letters meet digits, as in `v1.2`.
 */
const startOf = ({ kind, text }: Run): string =>
  kind === 'paired' ? '' : kind === 'sign' ? ' ' : /^[0-9]/.test(text) ? '[^0-9]' : '[ 0-9]';

/** In a name such as `C++`, the word before its end is found, too. */
const endOf = ({ kind, text }: Run): string =>
  kind === 'paired' ? '' : kind === 'sign' ? ' ' : /[0-9]$/.test(text) ? '[^0-9]' : '[ 0-9+#]';

const escaped = (text: string): string => text.replace(/[!-/:-@[-`{-~]/g, '\\$&');
