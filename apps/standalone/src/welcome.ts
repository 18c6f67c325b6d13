import type { Settings } from '#libs/platform/config/settings.js';
import type { Started } from './running-system.js';

/** What people see when everything is ready. The key appears at the first start only. */
export const welcome = (
  { url, newAdminKey, notReady }: Started,
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
      `               Shown this once, and kept in ${settings.dataDir}/admin.key.`,
    );
  }
  lines.push(
    '',
    '  Make a bot   npm run verbatim -- bot create alice',
    '  and talk     npm run verbatim -- chat --as alice --channel general',
    '',
    '  Ctrl-C stops everything.',
    '',
  );
  return lines.join('\n');
};
