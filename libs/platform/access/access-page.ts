import type { Matrix, Rule } from './access-matrix.js';
import type { Role } from './caller.js';

const ROLES: readonly Role[] = ['bot', 'auditor', 'admin'];

/** Returns the Markdown page that shows an access matrix to people. */
export const accessPage = (matrix: Matrix): string =>
  [
    '# Who may do what',
    '',
    'Made from the table that guards every door, `libs/platform/access/access-matrix.ts`; `npx vitest run --project unit access-page -u` writes it again.',
    'Everything else is closed to everybody. `HEAD` counts as `GET`. Without a valid key the answer is 401; with a key of another role, or of a suspended bot, it is 403.',
    '`/docs` is open, because it is made from the code alone.',
    '',
    `| door | nobody | ${ROLES.join(' | ')} | also |`,
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
