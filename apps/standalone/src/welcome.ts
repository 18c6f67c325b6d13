import type { Settings } from '#libs/platform/config/settings.js';
import type { Started } from './running-system.js';

/** What people see when everything is ready. Where the key lies, and the key if it is given, appear at the first start only. */
export const welcome = (
  { url, newAdminKey, newAdminKeyFile, adminKey, notReady }: Started,
  settings: Settings,
  seconds: number,
): string => {
  const lines = [
    '',
    notReady === undefined
      ? `Verbatim is ready after ${seconds.toFixed(1)} s.`
      : `Verbatim runs, but is not ready yet: ${notReady}.`,
    '',
    `  bots, HTTP   ${url}`,
    `  API          ${url}/docs`,
    `  data         ${settings.dataDir}`,
  ];
  if (newAdminKey !== undefined) {
    lines.push(
      '',
      `  admin key    ${newAdminKey}`,
      `               Shown this once, and kept in ${newAdminKeyFile}.`,
    );
  } else if (newAdminKeyFile !== undefined) {
    lines.push(
      '',
      `  admin key    kept in ${newAdminKeyFile}`,
      '               Not shown here, for this is no terminal.',
    );
  }
  if (adminKey !== undefined) lines.push('', ...waysIn(adminKey, settings));
  else if (settings.roles.includes('gateway')) {
    lines.push(
      '',
      '  Make a bot   npm run verbatim -- bot create alice',
      '  and talk     npm run verbatim -- chat --as alice --channel general',
    );
  }
  lines.push('', '  Ctrl-C stops everything.', '');
  return lines.join('\n');
};

/** For a data folder that is new to a log with admin keys, or holds one that was taken back. */
const waysIn = (adminKey: 'none here' | 'revoked', { dataDir, access }: Settings): string[] => {
  const place = access.adminKey === undefined ? `${dataDir}/admin.key` : 'VERBATIM_ADMIN_KEY';
  return [
    adminKey === 'none here'
      ? `  admin key    None here: there are admin keys, and none of them is in ${place}.`
      : `  admin key    The one in ${place} was revoked.`,
    '               Ways in: put a key that is valid into that place, for example the admin.key of the',
    '               machine that was first; or start once with VERBATIM_ADMIN_KEY set to a new key,',
    '               which is added to those there are (docs/running.md says how to make one).',
  ];
};
