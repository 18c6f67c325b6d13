import { storableText } from '../../postgres/exact-text.js';
import { parseSearch } from './parse-search.js';
import type { SearchTerm } from './parse-search.js';
import { termMatch } from './term-match.js';

/** SQL with its named parameters. */
export type SearchCondition = Readonly<{
  sql: string;
  /**
   * The part of the condition that the index of words can check. It holds for every row for which `sql` holds, and is
   * equivalent to `sql` where no words have to stand in order.
   */
  byWords: string;
  parameters: Readonly<Record<string, string>>;
}>;

type GroupCondition = Readonly<{ sql: string; byWords: string }>;

/**
 * Returns the search as a condition on the columns `search` and `words` of a row. Queries are parameters of their own,
 * so that the planner knows their words. No input causes an error; input without anything to search for finds nothing.
 *
 * Rows of an earlier version have no `words`, so the order of words can't be checked there.
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

/** Returns the condition of a group. Its words are one query, so that the index is asked once. */
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
    const { query, order } = match;
    if (!term.not) queries.push(query);
    else if (!order) queries.push(`!${query}`);
    if (order) {
      const truth = term.not ? 'IS NOT TRUE' : 'IS NOT FALSE';
      const inOrder = `${row}.words LIKE ${add(order.like)} AND ${row}.words ~ ${add(order.pattern)}`;
      conditions.push(`(${inOrder}) ${truth}`);
    }
  }
  if (queries.length === 0) return { sql: conditions.join(' AND '), byWords: 'true' };
  const byWords = `${row}.search @@ CAST(${add(queries.join(' & '))} AS tsquery)`;
  return { sql: [byWords, ...conditions].join(' AND '), byWords };
};
