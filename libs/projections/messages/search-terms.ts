/** Something that must be in a message, or must not; `phrase`: its words in this order. */
export type SearchTerm = Readonly<{ text: string; not: boolean }>;

/** One of the groups must match, of a group every term. */
export type SearchGroups = readonly (readonly SearchTerm[])[];

const TOKENS = /(-?)"([^"]*)"?|(\S+)/gu;
/** Each costs PostgreSQL a look into the index; nobody means more. */
const MAX_TERMS = 32;

/**
 * What people type into search boxes: `word`, `"some words"` in this order, `-word` for what must not be there, `or`
 * between alternatives. Anything is understood somehow; what goes beyond 32 terms is left out.
 */
export const parseSearch = (typed: string): SearchGroups => {
  const groups: SearchTerm[][] = [[]];
  let count = 0;
  for (const [, minus, quoted, bare] of typed.matchAll(TOKENS)) {
    if (quoted === undefined && bare!.toLowerCase() === 'or') {
      if (groups.at(-1)!.length > 0) groups.push([]);
      continue;
    }
    const text = quoted ?? bare!.replace(/^-/, '');
    const not = quoted === undefined ? bare!.startsWith('-') : minus === '-';
    if (text.trim() !== '' && count++ < MAX_TERMS) groups.at(-1)!.push({ text, not });
  }
  return groups.filter((group) => group.length > 0);
};
