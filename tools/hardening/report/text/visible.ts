/**
 * Characters that a reader would not see or that change how the rest is read: control characters, those that turn the
 * direction of text, halves of surrogate pairs, and what is no character.
 */
const UNSEEN =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Surrogate}/gu;

/** The text with each unseen character spelled out as `\u{202e}`, so that it can be written to any of the pages. */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
