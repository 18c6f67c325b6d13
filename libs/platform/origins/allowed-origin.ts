/** Stands for every origin in a list. */
export const ANY_ORIGIN = '*';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Whether a page of this origin (RFC 6454) may ask: one of the server it asks, or one that is listed. Who names no origin is no
 * page: browsers name it with all that could do harm. The server is known by its `Host` alone, for whoever ends TLS before
 * it is no concern here; the origin `null` (a file, a frame in a sandbox) is no server's.
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
