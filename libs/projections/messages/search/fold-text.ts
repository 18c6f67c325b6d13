const NOT_ASCII = /[^\0-\x7f]/;

export const isAscii = (text: string): boolean => !NOT_ASCII.test(text);

/**
 * Signs that stand for themselves although NFKC makes letters or numbers of them: `Name™` is not `nametm`, `5½` not
 * `51⁄2`. Circled letters are what some write words in.
 */
const SIGNS = new RegExp('[[\\p{So}¼-¾⅐-⅞↉]--[Ⓐ-ⓩ]]', 'gv');
/** What nobody sees (soft hyphens, joiners, variation selectors), enclosing marks as in `1️⃣`, and tones of skin. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Me}\p{Emoji_Modifier}]/gu;
const DASHES = /\p{Pd}/gu;
/** With the letter U+02BC, which some keyboards write for an apostrophe. */
const SINGLE_QUOTES = /[\u2018-\u201b\u2039\u203a\u02bc]/g;
const DOUBLE_QUOTES = /[\u201c-\u201f\u00ab\u00bb]/g;

/**
 * The text as people see it, still in its cases: in Unicode's form NFKC, without what can't be seen, with one kind of dash,
 * apostrophe and quotation mark each.
 */
export const visibleText = (text: string): string =>
  isAscii(text)
    ? text
    : text
        .normalize('NFC')
        .replace(SIGNS, ' $& ')
        .normalize('NFKC')
        .replace(UNSEEN, '')
        .replace(DASHES, '-')
        .replace(SINGLE_QUOTES, "'")
        .replace(DOUBLE_QUOTES, '"')
        .normalize('NFKC');

/** Letters of which `toLowerCase` alone makes what full folding does: most words of many languages, quickly told. */
const SIMPLE = /^[\0-\x7fà-öø-ÿа-џ]*$/;

/**
 * A word of visible text without its cases: Unicode's full folding (`Straße` is `STRASSE`) in terms of JavaScript's,
 * with which all ways to write a dotted or dotless i, and both small sigmas, are one.
 */
export const foldCase = (word: string): string => {
  const lower = word.toLowerCase();
  if (SIMPLE.test(lower)) return lower;
  return lower.toUpperCase().toLowerCase().replaceAll('i\u0307', 'i').replaceAll('ς', 'σ').normalize('NFKC');
};
