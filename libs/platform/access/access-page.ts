import type { Matrix, Rule } from './access-matrix.js';
import type { Role } from './caller.js';

const ROLES: readonly Role[] = ['bot', 'auditor', 'admin'];

/** The document that shows a matrix of access to people. */
export const accessPage = (matrix: Matrix): string =>
  [
    '# Who may do what',
    '',
    'Made from the table that is asked at every door, `libs/platform/access/access-matrix.ts`: `npx vitest run --project unit access-page -u` writes it anew.',
    'What is not named is closed to everybody. `HEAD` is as `GET`. Without a key that is valid the answer is 401, with one of another role 403, and 403 for a bot that is suspended.',
    '`/docs` is open, and made from the code alone.',
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
