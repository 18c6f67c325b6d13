import type { Run } from './runs.js';

/** PostgreSQL's lexemes have 2,046 bytes at most, a code unit has three: what is longer is told apart by `words`. */
const LEXEME_UNITS = 255;

/** Whether a run's lexeme is not all of it. */
export const isCut = ({ text }: Run): boolean => text.length > LEXEME_UNITS;

/** The lexeme of a word or a sign. */
export const lexemeOf = (text: string): string => {
  if (text.length <= LEXEME_UNITS) return text;
  const cut = text.slice(0, LEXEME_UNITS);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
};

/** Overlapping pairs of characters: `東京都` has `東京` and `京都`. */
export const pairsOf = (text: string): string[] => {
  const characters = Array.from(text);
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
};

/** As PostgreSQL reads lexemes, in vectors and in queries. No run has quotation marks or backslashes in it. */
export const quoteLexeme = (lexeme: string): string => `'${lexeme}'`;
