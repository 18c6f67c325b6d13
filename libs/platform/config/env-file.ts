import { isUtf8 } from 'node:buffer';
import { parseEnv } from 'node:util';

/** What a settings file says: by name, and what of it is not understood, by line, without any value. */
export type EnvFile = Readonly<{ values: Readonly<Record<string, string>>; mistakes: readonly string[] }>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A line that sets something; `export` is taken as shells do. Blanks are those of ASCII alone, for those are all that Node drops. */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*([^]*)$/;
const IDLE = /^[ \t]*(?:#[^]*)?$/;
const QUOTES = ['"', "'", '`'];

/**
 * Reads a `.env` file as Node does, and says of each line that would have been passed over, or taken for something else, that it is
 * not understood: nobody's setting is dropped in silence. A mark of byte order at the beginning is none of its text.
 */
export const readEnvFile = (bytes: Uint8Array): EnvFile => {
  if (!isUtf8(bytes) || bytes.includes(0)) return { values: {}, mistakes: ['is not text in UTF-8'] };
  const text = Buffer.from(bytes)
    .toString()
    .replace(/^\ufeff/, '');
  const { plain, mistakes } = linesOf(text.replaceAll('\r\n', '\n').split('\n'));
  return {
    values: mistakes.length > 0 ? {} : (parseEnv(plain.join('\n')) as Record<string, string>),
    mistakes,
  };
};

/** The lines as Node reads them best: it takes a tab before a name for a part of it. */
const linesOf = (lines: readonly string[]): Readonly<{ plain: string[]; mistakes: string[] }> => {
  const plain: string[] = [];
  const mistakes: string[] = [];
  /** With which a value of several lines ends. */
  let open: string | undefined;
  lines.forEach((line, index) => {
    if (open !== undefined) {
      if (line.includes(open)) open = undefined;
      plain.push(line);
      return;
    }
    if (IDLE.test(line) && !HIDDEN.test(line)) return;
    const [, name, value = ''] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined) mistakes.push(`line ${index + 1} is not understood: ${nameIn(line)}`);
    else if (HIDDEN.test(line)) mistakes.push(`line ${index + 1} (${name}) has a control character in it`);
    else open = unclosedIn(value);
    plain.push(`${name}=${value}`);
  });
  if (open !== undefined) mistakes.push('ends within a value that is quoted');
  return { plain, mistakes };
};

/** What ends a line elsewhere, or can't be seen: two settings may look like one, or the other way round. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f\u0085\u2028\u2029\ufeff]/;

const unclosedIn = (value: string): string | undefined => {
  const quote = QUOTES.find((one) => value.startsWith(one));
  return quote !== undefined && !value.includes(quote, 1) ? quote : undefined;
};

/** The name that seems to be meant, for whoever looks for it; never a value, which may be secret. */
const nameIn = (line: string): string => {
  const [name] = /[A-Za-z_][A-Za-z0-9_]*/.exec(line.split('=')[0]!.replace(/^\W*export\s+/, '')) ?? [];
  const what = name !== undefined && NAME.test(name) && name.startsWith('VERBATIM_') ? ` ${name}` : '';
  return `a setting${what} is written NAME=value, with nothing before it`;
};
