import { storableText } from '../../postgres/exact-text.js';
import { parseSearch } from './parse-search.js';
import type { SearchTerm } from './parse-search.js';
import { termMatch } from './term-match.js';

/** SQL with its named parameters. */
export type SearchCondition = Readonly<{
  sql: string;
  /** What the index of words can tell of it. It holds for all rows for which `sql` holds, and the same where no words have to stand in order. */
  byWords: string;
  parameters: Readonly<Record<string, string>>;
}>;

type GroupCondition = Readonly<{ sql: string; byWords: string }>;

/**
 * What is searched for as a condition on the columns `search` and `words` of a row. Queries are given as they are, so that
 * the planner knows their words. No text makes it fail; one without anything to look for finds nothing.
 *
 * Rows that an earlier version made have no `words`: what stands in order can't be told there.
 */
export const searchCondition = (row: string, typed: string): SearchCondition => {
  const parameters: Record<string, string> = {};
  const add = (value: string): string => {
    const name = `searched${Object.keys(parameters).length}`;
    parameters[name] = value;
    return `:${name}`;
  };
  const groups = parseSearch(storableText(typed))
    .map((terms) => groupCondition(row, terms, add))
    .filter(({ sql }) => sql !== '');
  return {
    sql: anyOf(groups.map(({ sql }) => sql)),
    byWords: anyOf(groups.map(({ byWords }) => byWords)),
    parameters,
  };
};

const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'false' : `(${conditions.map((sql) => `(${sql})`).join(' OR ')})`;

/** Words of a group are one query, so that the index is asked once. */
const groupCondition = (
  row: string,
  terms: readonly SearchTerm[],
  add: (value: string) => string,
): GroupCondition => {
  const queries: string[] = [];
  const conditions: string[] = [];
  for (const term of terms) {
    const match = termMatch(term);
    if (!match) continue;
    const { query, pattern } = match;
    if (!term.not) queries.push(query);
    else if (pattern === undefined) queries.push(`!${query}`);
    if (pattern !== undefined) {
      const truth = term.not ? 'IS NOT TRUE' : 'IS NOT FALSE';
      conditions.push(`(${row}.words ~ ${add(pattern)}) ${truth}`);
    }
  }
  if (queries.length === 0) return { sql: conditions.join(' AND '), byWords: 'true' };
  const byWords = `${row}.search @@ CAST(${add(queries.join(' & '))} AS tsquery)`;
  return { sql: [byWords, ...conditions].join(' AND '), byWords };
};
