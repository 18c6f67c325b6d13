/** Words that a message must contain in this order, or must not contain. With `prefix`, the last word may continue. */
export type SearchTerm = Readonly<{ text: string; not: boolean; prefix: boolean }>;

/** Groups of terms. At least one group must match; a group matches if all its terms do. */
export type SearchGroups = readonly (readonly SearchTerm[])[];

/**
 * Splits the input into terms. Phones write curly quotation marks. A minus sign excludes only where something
 * searchable follows it.
 */
const TOKENS = /(-?)["“„«]([^"”“»]*)["”“»]?|(\S+)/gu;
/** Matches `depl*` but not `**bold**`. In some scripts a beginning may end with an invisible joiner. */
const PREFIX = /[\p{L}\p{N}\p{M}\p{Default_Ignorable_Code_Point}]\*$/u;

/**
 * Parses what people type into search boxes: `word`, `"some words"` in this order, `depl*` for words that begin like
 * this, `-word` for an excluded word, `or` between alternatives. Every input has a meaning, and no part of it is
 * ignored.
 */
export const parseSearch = (typed: string): SearchGroups => {
  const groups: SearchTerm[][] = [[]];
  for (const [, minus, quoted, bare] of typed.matchAll(TOKENS)) {
    if (quoted === undefined && bare!.toLowerCase() === 'or') {
      if (groups.at(-1)!.length > 0) groups.push([]);
      continue;
    }
    const not = quoted === undefined ? /^-[^-]/u.test(bare!) : minus === '-';
    const text = quoted ?? (not ? bare!.slice(1) : bare!);
    const prefix = PREFIX.test(text);
    if (text.trim() !== '') groups.at(-1)!.push({ text: prefix ? text.slice(0, -1) : text, not, prefix });
  }
  return groups.filter((group) => group.length > 0);
};
