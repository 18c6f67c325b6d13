/** A value of a row to be copied. Text must be one that PostgreSQL can hold; see `storableText`. */
export type CopyValue = string | number | null;

/** What stands for something else in COPY's text format: the column and row breaks, and the escape itself. */
const SPECIAL = /[\\\t\n\r]/;
const EVERY_SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A row in PostgreSQL's text format of COPY ("File Formats, Text Format"), with its line break. */
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
