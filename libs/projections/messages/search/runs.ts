import { foldCase, isAscii, visibleText } from './fold-text.js';

/**
 * Scripts that are written without spaces between words, and Hangul, whose words carry endings: text in them is found
 * by pairs of characters. (UAX #29 leaves word boundaries in most of them to dictionaries, which differ by language, by
 * release, and by what stands around a word.)
 */
const SCRIPTS = (
  'Han Hiragana Katakana Bopomofo Hangul Yi Tangut Nushu Khitan_Small_Script Thai Lao Khmer Myanmar Tibetan ' +
  'Javanese Balinese Tai_Le New_Tai_Lue Tai_Tham Tai_Viet Ahom'
).split(' ');
const PAIRED = `[[${SCRIPTS.map((script) => `\\p{Script=${script}}`).join('')}ー々〆]&&[\\p{L}\\p{M}\\p{N}]]`;
const LETTER = `[[\\p{L}\\p{N}]--${PAIRED}]`;
const LETTER_OR_MARK = `[[\\p{L}\\p{N}\\p{M}]--${PAIRED}]`;
/** Signs that people look for. Lines of tables and the dots of progress bars are none. */
const SIGN = '[[\\p{So}\\p{Sm}\\p{Sc}]--[\\0-\\x7f\\u2500-\\u259f\\u2800-\\u28ff]]';

const ANY_RUN = new RegExp(`(${PAIRED}[${PAIRED}\\p{M}]*)|(${LETTER}${LETTER_OR_MARK}*)|${SIGN}`, 'gv');
const ASCII_RUN = /[A-Za-z0-9]+/g;
const SPACE = /\s/;

/**
 * A part of text that is looked for as one: letters, marks and numbers without anything between (`word`), a stretch of a
 * script without spaces (`paired`), or a sign like an emoji.
 */
export type Run = Readonly<{
  kind: 'word' | 'paired' | 'sign';
  /** Without its cases. */
  text: string;
  /** As it was written. */
  cased: string;
  /** Where it begins in the visible text, in UTF-16 code units. */
  at: number;
  /** What stands between it and the run before: `undefined` with a space in it, and before the first. */
  joint: string | undefined;
}>;

/**
 * The runs of a text, in order. The same whatever the text's normalization and cases. Words of UAX #29 (`can't`,
 * `foo_bar`, `3.14`) are runs that are joined.
 */
export const runsOf = (text: string): Run[] => runsOfVisible(visibleText(text));

/** As `runsOf`, of text that was made visible before. */
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
