/** Pixels of a character at 11 px, at most: what is measured with no font at hand errs on the wide side. */
const NARROW = 6.4;
const WIDE = 12;

/** About how wide a text is in a plot, for the place it is given. */
export const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + (character > '\u10ff' ? WIDE : NARROW), 0);

/** The text, or its beginning and `…`, so that it is no wider than this. */
export const fitted = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 0 && widthOf(`${characters.join('')}…`) > width) characters.pop();
  return `${characters.join('')}…`;
};
