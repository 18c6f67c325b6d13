import { foldCase } from './fold-text.js';

/** Matches the places at which a word continues as another one: `camelCase`, `HTTPServer`, `v1`, `10ms`. */
const BOUNDARY =
  /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=[0-9])(?=[^0-9])|(?<=[^0-9])(?=[0-9])/u;
/** Tests for such a place more quickly. Nearly all words have none. */
const ANY_BOUNDARY = /\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}|[0-9][^0-9]|[^0-9][0-9]/u;
const NAME_END = /(?:\+\+|#)$/;
/** The most parts of a word. A text with more parts is usually a hash or a key. */
const MAX_PARTS = 6;

/**
 * Returns what else a word can be found by: its parts, and consecutive parts together. For `getUserName` these are
 * `get`, `user`, `name`, `getuser` and `username`; for `C++` it is `c`. Returns nothing for a word without parts, or with
 * more than six.
 */
export const partsOf = (cased: string): string[] => {
  const name = cased.replace(NAME_END, '');
  return name === cased ? partsWithin(cased) : [foldCase(name), ...partsWithin(name)];
};

const partsWithin = (cased: string): string[] => {
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
