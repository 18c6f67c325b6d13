import { foldCase } from './fold-text.js';

/** Where a word goes on as another: `camelCase`, `HTTPServer`, `v1`, `10ms`. */
const BOUNDARY =
  /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=[0-9])(?=[^0-9])|(?<=[^0-9])(?=[0-9])/u;
/** The same, told more quickly: nearly all words have none. */
const ANY_BOUNDARY = /\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}|[0-9][^0-9]|[^0-9][0-9]/u;
/** More parts than that are a hash or a key as a rule. */
const MAX_PARTS = 6;

/**
 * What else a word can be found by: its parts, and those that follow one another together. `getUserName` also has
 * `get`, `user`, `name`, `getuser` and `username`. None of a word that has no parts, or more than six.
 */
export const partsOf = (cased: string): string[] => {
  if (!ANY_BOUNDARY.test(cased)) return [];
  const parts = cased.split(BOUNDARY);
  if (parts.length > MAX_PARTS) return [];
  const found: string[] = [];
  for (let from = 0; from < parts.length; from += 1) {
    for (let to = from + 1; to <= parts.length; to += 1) {
      if (to - from < parts.length) found.push(foldCase(parts.slice(from, to).join('')));
    }
  }
  return found;
};
