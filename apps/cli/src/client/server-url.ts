import type { Settings } from '#libs/platform/config/settings.js';
import { CommandFailed } from '../command-failed.js';

const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Returns `--url`, else VERBATIM_URL, else the address of a server with these settings, without a slash at
 * the end.
 */
export const serverUrl = (option: string | undefined, { client, http }: Settings): string => {
  const host = ANY_ADDRESS[http.host] ?? http.host;
  const scheme = http.tls ? 'https' : 'http';
  const here = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${http.port}`;
  const url = option ?? client.url ?? here;
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new CommandFailed('--url must be an http:// or https:// URL');
  return url.replace(/\/+$/, '');
};
