import type { Run } from './runs.js';

/**
 * The most code units of a lexeme. A lexeme of PostgreSQL has at most 2,046 bytes, and a code unit takes up to three.
 * Longer words are told apart by `words`.
 */
const LEXEME_UNITS = 255;

/** Returns whether a run is longer than its lexeme. */
export const isCut = ({ text }: Run): boolean => text.length > LEXEME_UNITS;

/** Returns the lexeme of a word or a sign. */
export const lexemeOf = (text: string): string => {
  if (text.length <= LEXEME_UNITS) return text;
  const cut = text.slice(0, LEXEME_UNITS);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
};

/** Returns overlapping pairs of characters: `東京` and `京都` for `東京都`. */
export const pairsOf = (text: string): string[] => {
  const characters = Array.from(text);
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
};

/**
 * Quotes a lexeme as PostgreSQL requires, in vectors and in queries. No run contains quotation marks or backslashes.
 */
export const quoteLexeme = (lexeme: string): string => `'${lexeme}'`;
