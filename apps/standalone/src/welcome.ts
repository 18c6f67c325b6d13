import type { Settings } from '#libs/platform/config/settings.js';
import type { Started } from './running-system.js';

/**
 * Returns the text that people see when everything is ready. The place of the key, and the key itself if it
 * is given, appear at the first start only.
 */
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
      `               Shown only once, and kept in ${newAdminKeyFile}.`,
    );
  } else if (newAdminKeyFile !== undefined) {
    lines.push(
      '',
      `  admin key    kept in ${newAdminKeyFile}`,
      '               Not shown here, because this is not a terminal.',
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

/**
 * Explains how to log in when the data folder has no key for a log with admin keys, or holds one that was
 * revoked.
 */
const waysIn = (adminKey: 'none here' | 'revoked', { dataDir, access }: Settings): string[] => {
  const place = access.adminKey === undefined ? `${dataDir}/admin.key` : 'VERBATIM_ADMIN_KEY';
  return [
    adminKey === 'none here'
      ? `  admin key    None here: the log has admin keys, but none of them is in ${place}.`
      : `  admin key    The one in ${place} was revoked.`,
    '               To get in, put a valid key into that place, for example the admin.key of the',
    '               first machine; or start once with VERBATIM_ADMIN_KEY set to a new key, which',
    '               is added to the existing ones (docs/running.md says how to make one).',
  ];
};
