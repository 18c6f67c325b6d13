import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Certificate } from './certificate.js';

/**
 * Milliseconds before its expiry at which a certificate is replaced. It is long, because a node may run for months
 * without a restart.
 */
const REPLACED_BEFORE_MS = 90 * 86_400_000;

/**
 * Returns why clients that connect to `name` would refuse this certificate, now or in the coming months; undefined if
 * they accept it.
 */
export const certificateTrouble = (
  { certificate, key }: Certificate,
  name: string,
  now: Date,
): string | undefined => {
  try {
    const parsed = new X509Certificate(certificate);
    if (!parsed.checkPrivateKey(createPrivateKey(key))) return 'the key is not the one of the certificate';
    const isFor = isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name);
    if (!isFor) return `the certificate is not for ${name}`;
    if (now < new Date(parsed.validFrom)) return 'the certificate is not valid yet';
    if (now.getTime() > Date.parse(parsed.validTo) - REPLACED_BEFORE_MS) return 'the certificate expires';
    return undefined;
  } catch {
    return 'the certificate or its key is damaged';
  }
};
