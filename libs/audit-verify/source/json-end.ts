const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/**
 * Returns where the JSON value ends that begins at `from`, with the white space around it: at the comma or the bracket
 * after it, or at the end of the text. It only looks for brackets and strings, and does not check the value.
 */
export const endOfJson = (text: string, from: number): number => {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (OPEN.has(code)) depth += 1;
    else if (depth === 0 && (code === COMMA || CLOSE.has(code))) return at;
    else if (CLOSE.has(code)) depth -= 1;
  }
  return text.length;
};

/** Returns the place of the quote that ends the string which begins at `from`. */
const endOfString = (text: string, from: number): number => {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
};
