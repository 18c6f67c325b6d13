import { storableText } from '../postgres/exact-text.js';
import { parseSearch } from './search-terms.js';
import type { SearchTerm } from './search-terms.js';
import { isSinglePaired, searchedText } from './searchable-text.js';

/**
 * What is searched for as a condition on a `search` column, with its named parameters (`:word0`, …). The query is
 * immutable for the planner, which then knows the words and can choose between the index of words and that of
 * positions. No text makes it fail; one without any word finds nothing.
 */
export const searchCondition = (
  column: string,
  typed: string,
): Readonly<{ sql: string; parameters: Readonly<Record<string, string>> }> => {
  const parameters: Record<string, string> = {};
  const term = ({ text, not }: SearchTerm): string => {
    const name = `word${Object.keys(parameters).length}`;
    const { parse, parameter } = words(storableText(text));
    parameters[name] = parameter;
    return `${not ? '!!' : ''}${parse}('simple', :${name})`;
  };
  const groups = parseSearch(typed).map((group) => `(${group.map(term).join(' && ')})`);
  if (groups.length === 0) return { sql: 'false', parameters };
  return { sql: `${column} @@ (${groups.join(' || ')})`, parameters };
};

/** A single character of a script that is found by pairs is how a pair begins. */
const words = (text: string): { parse: string; parameter: string } =>
  isSinglePaired(text.trim())
    ? { parse: 'to_tsquery', parameter: `'${text.trim()}':*` }
    : { parse: 'phraseto_tsquery', parameter: searchedText(text) };
