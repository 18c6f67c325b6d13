/**
 * Scripts that are written without spaces between words, and Hangul, whose words carry endings: text in them is found
 * by pairs of characters. (UAX #29 leaves word boundaries in most of them to dictionaries, which differ by language.)
 */
const PAIRED =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}' +
  '\\p{Script=Khmer}\\p{Script=Myanmar}\\p{Script=Tibetan}\\p{Script=Bopomofo}ー々〆]';
const ANY_PAIRED = new RegExp(PAIRED, 'u');
const RUNS = new RegExp(`${PAIRED}+`, 'gu');

export const hasPairedScript = (text: string): boolean => ANY_PAIRED.test(text);

/** Whether the text is one character of such a script. */
export const isSinglePaired = (text: string): boolean =>
  Array.from(text).length === 1 && hasPairedScript(text);

/**
 * The text with runs of such scripts as overlapping pairs, in order: `東京都` becomes `東京 京都 都`. A longer string is
 * then a phrase of its pairs, and a single character is how a pair begins. Null where nothing changes.
 */
export const searchableText = (text: string): string | null =>
  hasPairedScript(text)
    ? text.replace(RUNS, (run) => ` ${[...pairs(run), Array.from(run).at(-1)].join(' ')} `)
    : null;

/** The same of what is searched for: whole pairs only, unless there is just one character. */
export const searchedText = (text: string): string =>
  text.replace(RUNS, (run) => {
    const found = pairs(run);
    return ` ${found.length === 0 ? run : found.join(' ')} `;
  });

const pairs = (run: string): string[] => {
  const characters = Array.from(run);
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
};
