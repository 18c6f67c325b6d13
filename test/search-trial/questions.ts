/** What a person who has seen a text types to find it. */
export type Question = Readonly<{
  kind: 'word' | 'joined' | 'phrase' | 'beginning';
  /** The words as they stand in the text. */
  said: string;
  /** The words as they are typed into the search. */
  typed: string;
}>;

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'word' });
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
const WORDY = /[\p{L}\p{N}]/u;
/** Characters with a special meaning in a search. */
const SYNTAX = /["“”„«»]/;

/**
 * Makes a query by a rule that does not use our own code. Words are those of UAX #29, as Node.js has them. A joined
 * piece lies between spaces. A phrase goes from the beginning of a word to the end of one of the next three.
 */
export const questionOf = (text: string, random: () => number): Question | undefined => {
  const words = [...SEGMENTER.segment(text)].filter(({ isWordLike }) => isWordLike);
  const word = words[Math.floor(random() * words.length)];
  if (!word) return undefined;
  const kind = (['word', 'word', 'joined', 'phrase', 'beginning'] as const)[Math.floor(random() * 5)]!;
  const said = {
    word: () => word.segment,
    beginning: () => beginningOf(word.segment, 2 + Math.floor(random() * 3)),
    joined: () => pieceAround(text, word.index),
    phrase: () => {
      const last = words[Math.min(words.length - 1, words.indexOf(word) + 1 + Math.floor(random() * 3))]!;
      return text.slice(word.index, last.index + last.segment.length);
    },
  }[kind]();
  if (!WORDY.test(said) || SYNTAX.test(said) || said.length > 400) return undefined;
  return { kind, said, typed: kind === 'beginning' ? `${said}*` : `"${said}"` };
};

const beginningOf = (word: string, graphemes: number): string =>
  Array.from(GRAPHEMES.segment(word), ({ segment }) => segment)
    .slice(0, graphemes)
    .join('');

/** Returns the piece without what stands before its first letter and after its last. */
const pieceAround = (text: string, index: number): string => {
  const before = /\S*$/.exec(text.slice(0, index))![0];
  const after = /^\S*/.exec(text.slice(index))![0];
  return `${before}${after}`.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, '');
};
