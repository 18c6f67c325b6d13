import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../../docs/running.md', import.meta.url));

/** Returns the rows of the table under a heading of docs/running.md: the trouble, and the message for it. */
export const documentedRefusals = (heading: string): Map<string, string> => {
  const [, section = ''] = readFileSync(PAGE, 'utf8').split(`\n### ${heading}\n`);
  const [table = ''] = section.split(/\n#+ /, 1);
  const rows = [...table.matchAll(/^\| (?<wrong>.+?) \| (?<said>.+?) \|$/gm)].slice(2);
  return new Map(rows.map(({ groups }) => [groups?.['wrong'] ?? '', unquoted(groups?.['said'] ?? '')]));
};

const unquoted = (cell: string): string => cell.replaceAll(/`|(?<=\w)\\(?=_)/g, '');
