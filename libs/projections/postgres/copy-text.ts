/** A value in a row to be copied. A text must be one that PostgreSQL can hold; see `storableText`. */
export type CopyValue = string | number | null;

/** Matches the characters with a meaning in COPY's text format: column and row breaks, and the escape itself. */
const SPECIAL = /[\\\t\n\r]/;
const EVERY_SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Formats a row in PostgreSQL's text format of COPY ("File Formats, Text Format"), with its line break. */
export const copyLine = (values: readonly [CopyValue, ...CopyValue[]]): string => {
  let line = fieldOf(values[0]);
  for (let at = 1; at < values.length; at += 1) line += `\t${fieldOf(values[at]!)}`;
  return `${line}\n`;
};

const fieldOf = (value: CopyValue): string => {
  if (value === null) return '\\N';
  if (typeof value === 'number' || !SPECIAL.test(value)) return String(value);
  return value.replace(EVERY_SPECIAL, (character) => ESCAPES[character]!);
};
