/** Something that must be in a message, or must not: its words in this order. `prefix`: the last may go on. */
export type SearchTerm = Readonly<{ text: string; not: boolean; prefix: boolean }>;

/** One of the groups must match, of a group every term. */
export type SearchGroups = readonly (readonly SearchTerm[])[];

/** Telephones write curly quotation marks; a minus is one where something follows that can be looked for. */
const TOKENS = /(-?)["“„«]([^"”“»]*)["”“»]?|(\S+)/gu;
/** `depl*`, not `**bold**`; some scripts end a beginning with a joiner that nobody sees. */
const PREFIX = /[\p{L}\p{N}\p{M}\p{Default_Ignorable_Code_Point}]\*$/u;

/**
 * What people type into search boxes: `word`, `"some words"` in this order, `depl*` for words that begin so, `-word` for
 * what must not be there, `or` between alternatives. Anything is understood somehow, and nothing is left out.
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
