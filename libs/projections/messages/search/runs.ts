import { foldCase, isAscii, visibleText } from './fold-text.js';

/**
 * Scripts without spaces between words, and Hangul, whose words have endings. Text in them is found by pairs of
 * characters. (UAX #29 leaves word boundaries in most of these scripts to dictionaries. Their results differ by
 * language, by release, and by the neighbours of a word.)
 */
const SCRIPTS = (
  'Han Hiragana Katakana Bopomofo Hangul Yi Tangut Nushu Khitan_Small_Script Thai Lao Khmer Myanmar Tibetan ' +
  'Javanese Balinese Tai_Le New_Tai_Lue Tai_Tham Tai_Viet Ahom'
).split(' ');
const PAIRED = `[[${SCRIPTS.map((script) => `\\p{Script=${script}}`).join('')}ー々〆]&&[\\p{L}\\p{M}\\p{N}]]`;
const LETTER = `[[\\p{L}\\p{N}]--${PAIRED}]`;
const LETTER_OR_MARK = `[[\\p{L}\\p{N}\\p{M}]--${PAIRED}]`;
/**
 * Matches signs that people search for. A flag consists of two characters. Box-drawing characters and the dots of
 * progress bars are not among them.
 */
const SIGN = '\\p{RI}{2}|[[\\p{So}\\p{Sm}\\p{Sc}]--[\\0-\\x7f\\u2500-\\u259f\\u2800-\\u28ff]]';

/** The end of a name such as `C++` or `C#`, which belongs to it. In `a++b` and `page#top` it joins two words instead. */
const NAME_END = '(?:\\+\\+|#)';

const WORD = `${LETTER}${LETTER_OR_MARK}*(?:${NAME_END}(?![[${LETTER}+#]]))?`;
const ANY_RUN = new RegExp(`(${PAIRED}[${PAIRED}\\p{M}]*)|(${WORD})|${SIGN}`, 'gv');
const ASCII_RUN = new RegExp(`[A-Za-z0-9]+(?:${NAME_END}(?![A-Za-z0-9+#]))?`, 'g');
const SPACE = /\s/;

/**
 * A part of a text that is searched for as a whole: letters, marks and numbers without anything between (`word`), a
 * stretch of a script without spaces (`paired`), or a sign such as an emoji.
 */
export type Run = Readonly<{
  kind: 'word' | 'paired' | 'sign';
  /** The run without upper and lower case. */
  text: string;
  /** The run as it was written. */
  cased: string;
  /** Offset in the visible text, in UTF-16 code units. */
  at: number;
  /** Text between this run and the previous one. Undefined if it contains a space, and for the first run. */
  joint: string | undefined;
}>;

/**
 * Returns the runs of a text, in order. They do not depend on the text's normalization or case. Words of UAX #29 such
 * as `can't`, `foo_bar` and `3.14` become several runs that are joined.
 */
export const runsOf = (text: string): Run[] => runsOfVisible(visibleText(text));

/** Does the same as `runsOf` for a text that is already visible text. */
export const runsOfVisible = (visible: string): Run[] => {
  const ascii = isAscii(visible);
  const folded = ascii ? visible.toLowerCase() : undefined;
  const pattern = ascii ? ASCII_RUN : ANY_RUN;
  const runs: Run[] = [];
  let end = 0;
  pattern.lastIndex = 0;
  for (let found = pattern.exec(visible); found !== null; found = pattern.exec(visible)) {
    const [cased, paired, word] = found;
    const start = found.index;
    const between = visible.slice(end, start);
    const isWord = ascii || word !== undefined;
    runs.push({
      kind: isWord ? 'word' : paired === undefined ? 'sign' : 'paired',
      text: folded?.slice(start, start + cased.length) ?? foldCase(cased),
      cased,
      at: start,
      joint: runs.length === 0 || SPACE.test(between) ? undefined : between,
    });
    end = start + cased.length;
  }
  return runs;
};
