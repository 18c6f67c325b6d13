import { isCut, lexemeOf, pairsOf, quoteLexeme } from './lexemes.js';
import { runsOf } from './runs.js';
import type { Run } from './runs.js';
import type { SearchTerm } from './parse-search.js';

/** How a term is looked for. */
export type TermMatch = Readonly<{
  /** A query on `search` that no message with the term fails. */
  query: string;
  /** A regular expression on `words`, where the query also finds messages without the term. */
  pattern?: string;
}>;

/** Undefined where there is nothing to look for. */
export const termMatch = ({ text, prefix }: SearchTerm): TermMatch | undefined => {
  const runs = runsOf(text);
  const last = runs.at(-1);
  if (!last) return undefined;
  const queries = new Set(runs.flatMap((run) => queriesOf(run, prefix && run === last)));
  const query = [...queries].join(' & ');
  if (runs.length === 1 && queries.size === 1 && !isCut(last)) return { query };
  const { before, term, after } = patternOf(runs, prefix);
  return { query, pattern: `${before}${term}${after}` };
};

const queriesOf = ({ kind, text }: Run, prefix: boolean): string[] => {
  if (kind !== 'paired') return [`${quoteLexeme(lexemeOf(text))}${prefix ? ':*' : ''}`];
  const pairs = pairsOf(text);
  return pairs.length === 0 ? [`${quoteLexeme(text)}:*`] : pairs.map(quoteLexeme);
};

/** A regular expression on `words`, in three: what must stand before, the term itself, and what must stand after it. */
export type TermPattern = Readonly<{ before: string; term: string; after: string }>;

/**
 * The same for every PostgreSQL, and for JavaScript: no class of characters in it depends on a locale. What was typed with a
 * space between is also found with anything else there; what was typed joined (`foo_bar`) is joined so.
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

/** Who types spaces between words of a script without spaces does not mean them. */
const betweenOf = (before: Run, { kind, joint }: Run): string => {
  if (joint !== undefined) return ` ${escaped(joint)} `;
  return kind === 'paired' && before.kind === 'paired' ? '(?: [^ ]* )?' : ' [^ ]* ';
};

/** Inside a stretch of a script without spaces words begin anywhere; and where letters meet digits, as in `v1.2`. */
const startOf = ({ kind, text }: Run): string =>
  kind === 'paired' ? '' : kind === 'sign' ? ' ' : /^[0-9]/.test(text) ? '[^0-9]' : '[ 0-9]';

const endOf = ({ kind, text }: Run): string =>
  kind === 'paired' ? '' : kind === 'sign' ? ' ' : /[0-9]$/.test(text) ? '[^0-9]' : '[ 0-9]';

const escaped = (text: string): string => text.replace(/[!-/:-@[-`{-~]/g, '\\$&');
