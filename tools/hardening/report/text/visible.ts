/**
 * Characters that a reader would not see or that change how the rest is read: control characters, those that change the
 * direction of text, lone surrogates, and noncharacters.
 */
const UNSEEN =
  // oxlint-disable-next-line no-control-regex -- the pattern looks for these characters
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Surrogate}/gu;

/** Spells out each invisible character, as `\u{202e}`, so that the text can be written to any of the pages. */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
