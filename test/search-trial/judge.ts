import type { Question } from './questions.js';

/**
 * How a message relates to a query: it must be found, it must not be found, or it may be found (as part of a longer
 * word).
 */
export type Verdict = 'must' | 'may' | 'must not';

/** A text in the form in which a judge compares it. It is made once for each text. */
export type Judged = Readonly<{ plain: string; spaced: string }>;

/** Invisible characters, including those that enclose a digit, as in `1️⃣`. */
const INVISIBLE = /[\p{Cf}\p{Me}\p{Emoji_Modifier}\u034f\p{Variation_Selector}]/gu;
/** Punctuation, which nobody searches for. Some ASCII signs count as punctuation. */
const APART = /(?:[^\p{L}\p{N}\p{M}\p{S}]|[$+<=>^`|~])+/gu;
const INSIDE_WORD = /[\p{L}\p{N}\p{M}]/u;
/** Scripts without spaces between words, so that words may begin and end anywhere. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]/u;

export const judged = (text: string): Judged => {
  const plain = text
    .replace(/[¼-¾⅐-⅞]/g, ' $& ') // two fractions side by side do not make one number
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll('ς', 'σ')
    .replaceAll('\u02bc', "'") // some keyboards write this letter for an apostrophe
    .replaceAll('i\u0307', 'i') // all ways to write an i count as one
    .replace(/\s+/g, ' ');
  return { plain, spaced: plain.replace(APART, ' ') };
};

/** Judges by looking for the characters, one after the other, in the text. */
export const verdictOf = ({ kind }: Question, said: Judged, message: Judged): Verdict => {
  for (
    let at = message.plain.indexOf(said.plain);
    at !== -1;
    at = message.plain.indexOf(said.plain, at + 1)
  ) {
    const end = at + said.plain.length;
    const ends = kind === 'beginning' || isEdge(message.plain, end);
    if (ends && isEdge(message.plain, at)) return 'must';
  }
  return message.spaced.includes(said.spaced.trim()) ? 'may' : 'must not';
};

const isEdge = (text: string, at: number): boolean => {
  const before = Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? ' ';
  const after = String.fromCodePoint(text.codePointAt(at) ?? 32);
  if (UNSPACED.test(before) || UNSPACED.test(after)) return true;
  return !(INSIDE_WORD.test(before) && INSIDE_WORD.test(after));
};
