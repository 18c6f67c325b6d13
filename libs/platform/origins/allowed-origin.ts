/** The entry of a list that stands for every origin. */
export const ANY_ORIGIN = '*';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Returns whether a page of this origin (RFC 6454) may use the server: a page of the server itself, or of a listed
 * origin. A request without an origin does not come from a page, because browsers send it with every request that could
 * do harm. The server is compared by its `Host` without the scheme, because TLS may end in front of it. The origin
 * `null` (a file, or a sandboxed frame) belongs to no server.
 */
export const mayPageAsk = (
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean =>
  origin === undefined ||
  allowed.includes(ANY_ORIGIN) ||
  allowed.includes(origin.toLowerCase()) ||
  isOfHost(origin, host ?? '');

const isOfHost = (origin: string, host: string): boolean => {
  if (!URL.canParse(origin) || host === '') return false;
  const { protocol, host: own } = new URL(origin);
  const port = DEFAULT_PORTS[protocol];
  return port !== undefined && host.toLowerCase().replace(new RegExp(`:${port}$`), '') === own;
};
