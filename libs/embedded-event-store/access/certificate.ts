import { hostname } from 'node:os';
import { isIP } from 'node:net';

/** A certificate and its private key, as PEM texts. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Names by which a client on the same machine reaches the node. */
const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1'];
const DNS_NAME = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/u;

/**
 * Makes a certificate that the node signs itself, for the names of its machine and `host`. A client that trusts it has
 * the file itself, so an expiry would protect nothing, and a node that runs for years must stay trusted by its clients.
 * It is valid from 1970, which no clock is before, to the last day that a certificate can name (RFC 5280, 4.1.2.5).
 */
export const makeCertificate = async (host: string): Promise<Certificate> => {
  // Loaded only when needed: a start that finds a certificate does without it.
  const { default: selfsigned } = await import('selfsigned');
  const made = await selfsigned.generate([{ name: 'commonName', value: 'Embedded event store' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(0),
    notAfterDate: new Date('9999-12-31T23:59:59Z'),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: namesFor(host).map(altName) },
    ],
  });
  return { certificate: made.cert.trimEnd(), key: made.private.trimEnd() };
};

/** Returns the machine's own names and the listen address, unless that means every address. */
const namesFor = (host: string): string[] => {
  const more = [hostname(), host].filter((name) => isIP(name) !== 0 || DNS_NAME.test(name));
  return [...new Set([...LOCAL_NAMES, ...more])].filter((name) => name !== '0.0.0.0' && name !== '::');
};

/** Numbers the kind of a name as RFC 5280 does. */
const altName = (name: string): { type: 2; value: string } | { type: 7; ip: string } =>
  isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
