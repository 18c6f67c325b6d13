import pg from 'pg';
import { StartRefused } from '../start-refused.js';
import type { PostgresPlan } from './postgres-trouble.js';

const SETTING = 'VERBATIM_POSTGRES_URL';
const FORM = 'write postgres://user:password@host:port/database, special characters percent-encoded';

/**
 * Returns a client for the URL, not connected yet, and what it will connect to.
 *
 * @throws StartRefused that names the mistake, but no part of the URL that may be a secret
 */
export const planPostgres = (url: string, timeoutMs: number): { client: pg.Client; plan: PostgresPlan } => {
  const authorityFile = /[?&]sslrootcert=(?<file>[^&]+)/u.exec(url)?.groups?.['file'];
  try {
    if (/@/u.test(pathOf(url))) throw new URIError('a password with a slash');
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeoutMs });
    const { host, port, user = '', database = '' } = client;
    return {
      client,
      plan: {
        host,
        place: host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`,
        user,
        database,
        tls: client.ssl,
        authorityFile: authorityFile && decodeURIComponent(authorityFile),
      },
    };
  } catch (error) {
    throw new StartRefused(`${SETTING} ${mistakeIn(error as NodeJS.ErrnoException)}`);
  }
};

/**
 * Returns the path of the URL. An unencoded `/` in a password would end the password there and turn the rest
 * into a database name.
 */
const pathOf = (url: string): string => new URL(url.replace(/^postgres(ql)?:/u, 'http:')).pathname;

const mistakeIn = ({ code, path, message }: NodeJS.ErrnoException): string => {
  if (path !== undefined)
    return code === 'ENOENT'
      ? `names a certificate file that is not there (${path}): correct sslrootcert, sslcert or sslkey`
      : `names a certificate file that can't be read (${path}, ${code}): correct sslrootcert, sslcert or sslkey, or check its permissions`;
  if (/invalid port/iu.test(message)) return `has a port that is not a number: ${FORM}`;
  return `can't be understood: ${FORM}`;
};
