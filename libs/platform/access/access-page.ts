import type { Matrix, Rule } from './access-matrix.js';
import type { Role } from './caller.js';

const ROLES: readonly Role[] = ['bot', 'auditor', 'admin'];

/** Returns the Markdown page that shows an access matrix to people. */
export const accessPage = (matrix: Matrix): string =>
  [
    '# Who may do what',
    '',
    'Generated from the table that every entry point checks, `libs/platform/access/access-matrix.ts`. To write it again: `npx vitest run --project unit access-page -u`.',
    'A route or request that is not listed is closed to everybody. `HEAD` follows `GET`. Without a valid key the answer is 401; with a key of another role, or of a suspended bot, it is 403.',
    '`/docs` is open: it is generated from the code and shows no data.',
    '',
    `| route or request | without a key | ${ROLES.join(' | ')} | also |`,
    `| --- | --- | ${ROLES.map(() => '---').join(' | ')} | --- |`,
    ...Object.entries(matrix).map(([door, rule]) => row(door, rule)),
    '',
  ].join('\n');

const row = (door: string, { who, member, also }: Rule): string => {
  const cells = ROLES.map((role) => (who === 'anybody' || who.includes(role) ? 'yes' : ''));
  const asked = [member && 'in the channel', also].filter(Boolean).join('; ');
  return `| \`${door}\` | ${who === 'anybody' ? 'yes' : ''} | ${cells.join(' | ')} | ${asked} |`.replaceAll(
    / {2,}/g,
    ' ',
  );
};
