const NOT_ASCII = /[^\0-\x7f]/;

export const isAscii = (text: string): boolean => !NOT_ASCII.test(text);

/**
 * Matches signs that must stay signs although NFKC turns them into letters or numbers: `Name™` is not `nametm`, `5½` is
 * not `51⁄2`. The two characters of a flag are one sign. Circled letters are left out,
 * because some people write words in them.
 */
const SIGNS = new RegExp('\\p{RI}{2}|[[\\p{So}¼-¾⅐-⅞↉]--[Ⓐ-ⓩ]]', 'gv');
/**
 * Matches what nobody sees (soft hyphens, joiners, variation selectors), enclosing marks as in `1️⃣`, and skin tones.
 */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Me}\p{Emoji_Modifier}]/gu;
const DASHES = /\p{Pd}/gu;
/** Matches single quotation marks. Includes the letter U+02BC, which some keyboards write for an apostrophe. */
const SINGLE_QUOTES = /[\u2018-\u201b\u2039\u203a\u02bc]/g;
const DOUBLE_QUOTES = /[\u201c-\u201f\u00ab\u00bb]/g;

/**
 * Returns the text as people see it, with its upper and lower case: in Unicode's form NFKC, without invisible
 * characters, and with only one kind each of dash, apostrophe and quotation mark.
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

/**
 * Matches words for which `toLowerCase` alone gives the result of full case folding: most words of many languages. The
 * check is fast.
 */
const SIMPLE = /^[\0-\x7fà-öø-ÿа-џ]*$/;

/**
 * Returns a word of visible text without its case: Unicode's full case folding (`Straße` is `STRASSE`), done with
 * JavaScript's functions. All forms of a dotted or dotless i are equal, and so are both small sigmas.
 */
export const foldCase = (word: string): string => {
  const lower = word.toLowerCase();
  if (SIMPLE.test(lower)) return lower;
  return lower.toUpperCase().toLowerCase().replaceAll('i\u0307', 'i').replaceAll('ς', 'σ').normalize('NFKC');
};
