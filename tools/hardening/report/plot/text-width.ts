/** Widest characters in pixels, at 11 px. Without a font to measure with, the estimate is on the wide side. */
const NARROW = 6.4;
const WIDE = 12;

/** Estimates how wide a text is in a plot, to reserve space for it. */
export const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + (character > '\u10ff' ? WIDE : NARROW), 0);

/** Returns the text, or its beginning and `…`, so that it is not wider than this. */
export const fitted = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 0 && widthOf(`${characters.join('')}…`) > width) characters.pop();
  return `${characters.join('')}…`;
};
