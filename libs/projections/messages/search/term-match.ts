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
  return runs.length === 1 && queries.size === 1 && !isCut(last)
    ? { query }
    : { query, pattern: patternOf(runs, prefix) };
};

const queriesOf = ({ kind, text }: Run, prefix: boolean): string[] => {
  if (kind !== 'paired') return [`${quoteLexeme(lexemeOf(text))}${prefix ? ':*' : ''}`];
  const pairs = pairsOf(text);
  return pairs.length === 0 ? [`${quoteLexeme(text)}:*`] : pairs.map(quoteLexeme);
};

/**
 * The same for every PostgreSQL: no class of characters in it depends on a locale. What was typed with a space between is also
 * found with anything else there; what was typed joined (`foo_bar`) is joined so.
 */
const patternOf = (runs: readonly Run[], prefix: boolean): string => {
  const [first, last] = [runs[0]!, runs.at(-1)!];
  let pattern = startOf(first);
  let before: Run | undefined;
  for (const run of runs) {
    if (before) pattern += betweenOf(before, run);
    pattern += escaped(run.text);
    before = run;
  }
  return prefix ? pattern : `${pattern}${endOf(last)}`;
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
