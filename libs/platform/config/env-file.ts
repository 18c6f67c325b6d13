import { isUtf8 } from 'node:buffer';
import { parseEnv } from 'node:util';

/** The contents of a settings file: its values by name, and its mistakes by line, which quote no value. */
export type EnvFile = Readonly<{ values: Readonly<Record<string, string>>; mistakes: readonly string[] }>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/**
 * Matches a line that sets something; `export` is accepted as in shells. Only ASCII blanks count, because Node drops no
 * others.
 */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*([^]*)$/;
const IDLE = /^[ \t]*(?:#[^]*)?$/;
const QUOTES = ['"', "'", '`'];

/**
 * Reads a `.env` file as Node does. Node skips or misreads some lines; each of those is reported as a mistake, so that
 * no setting is dropped in silence. A byte order mark at the beginning is not part of the text.
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

/** Rewrites the lines in the form that Node reads correctly: it would take a tab before a name as part of the name. */
const linesOf = (lines: readonly string[]): Readonly<{ plain: string[]; mistakes: string[] }> => {
  const plain: string[] = [];
  const mistakes: string[] = [];
  /** The quote that ends the current value, while that value goes on over several lines. */
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
  if (open !== undefined) mistakes.push('ends inside a quoted value');
  return { plain, mistakes };
};

/**
 * Matches characters that end a line for other programs, or that nobody can see. With one of them, two settings may
 * look like one, or one like two.
 */
// oxlint-disable-next-line no-control-regex -- the pattern looks for control characters
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f\u0085\u2028\u2029\ufeff]/;

const unclosedIn = (value: string): string | undefined => {
  const quote = QUOTES.find((one) => value.startsWith(one));
  return quote !== undefined && !value.includes(quote, 1) ? quote : undefined;
};

/** Describes the mistake by the name that seems to be meant. Never quotes a value, which may be secret. */
const nameIn = (line: string): string => {
  const [name] = /[A-Za-z_][A-Za-z0-9_]*/.exec(line.split('=')[0]!.replace(/^\W*export\s+/, '')) ?? [];
  const what = name !== undefined && NAME.test(name) && name.startsWith('VERBATIM_') ? ` ${name}` : '';
  return `a setting${what} is written NAME=value, with nothing before it`;
};
