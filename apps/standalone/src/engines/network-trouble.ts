import { final, passing, type Trouble } from './trouble.js';

/**
 * How messages describe a connection. `authority` is the setting by which the operator trusts a certificate.
 */
export type Connection = Readonly<{
  /** For example `The event store` or `PostgreSQL`. */
  who: string;
  /** `host:port`. Nothing else of the URL is shown. */
  place: string;
  host: string;
  setting: string;
  authority: Readonly<{ parameter: string; file?: string | undefined }>;
}>;

/**
 * The error by which Node reports a failed connection (https://nodejs.org/api/errors.html,
 * https://nodejs.org/api/tls.html).
 */
export type ConnectionError = Readonly<{
  code?: string;
  cert?: Readonly<{ subjectaltname?: string }>;
}>;

const NO_SUCH_NAME = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']);
const NO_WAY = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'EACCES',
  'EPERM',
]);
const NO_SOCKET = new Set(['ENOENT', 'ENOTSOCK']);
/** The error codes by which OpenSSL says that the signer is not trusted. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_REJECTED',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
]);
const NOT_USABLE = new Set([
  'CERT_REVOKED',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'HOSTNAME_MISMATCH',
  'CA_MD_TOO_WEAK',
  'EE_KEY_TOO_SMALL',
]);

/** Explains an error of the network or of a certificate. Returns undefined for any other error. */
export const networkTrouble = (error: ConnectionError, connection: Connection): Trouble | undefined =>
  error.code === undefined
    ? undefined
    : (addressTrouble(error.code, connection) ?? certificateTrouble(error, connection));

const addressTrouble = (code: string, { who, place, host, setting }: Connection): Trouble | undefined => {
  if (code === 'ECONNREFUSED' || NO_SOCKET.has(code))
    return passing(
      `${who} is not there: nothing listens at ${place}. Start it, or correct host and port in ${setting}`,
    );
  if (NO_SUCH_NAME.has(code))
    return passing(
      `${who} can't be found: the host name "${host}" does not resolve (${code}). Correct it in ${setting}`,
    );
  if (NO_WAY.has(code))
    return passing(
      `${who} can't be reached: there is no route to ${place} (${code}). Check host and port in ${setting}, the network and its firewalls`,
    );
  return undefined;
};

const certificateTrouble = (
  { code = '', cert }: ConnectionError,
  connection: Connection,
): Trouble | undefined => {
  const { who, place, host, setting } = connection;
  if (UNTRUSTED.has(code))
    return final(`${who} at ${place} shows a certificate that ${trustAdvice(connection)} (${code})`);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return final(
      `${who} at ${place} shows a certificate that is not for "${host}"${namesIn(cert?.subjectaltname)}. Use one of its names as host in ${setting}`,
    );
  if (code === 'CERT_HAS_EXPIRED')
    return final(
      `${who} at ${place} shows a certificate that has expired. Renew it, or correct the clock of this machine`,
    );
  if (code === 'CERT_NOT_YET_VALID')
    return final(
      `${who} at ${place} shows a certificate that is not valid yet. Wait, or correct the clock of this machine`,
    );
  if (NOT_USABLE.has(code))
    return final(`${who} at ${place} shows a certificate that can't be used (${code}). Give it another one`);
  return undefined;
};

const trustAdvice = ({ setting, authority: { parameter, file } }: Connection): string =>
  file === undefined
    ? `no trusted authority has signed: name the file of its authority with ${parameter} in ${setting}`
    : `the authority in ${file} has not signed: name the right file with ${parameter} in ${setting}`;

const namesIn = (subjectAltName: string | undefined): string => {
  if (!subjectAltName) return '';
  const names = subjectAltName.split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/u, ''));
  return ` but for ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
};
