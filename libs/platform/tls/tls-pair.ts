import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Paths of a certificate (with the intermediate ones, if any) and of its private key, in PEM. */
export type TlsFiles = Readonly<{ cert: string; key: string }>;

/** Contents of both files. */
export type TlsPair = Readonly<{ cert: Buffer; key: Buffer }>;

/** Says why a pair can't be used, in one line for the operator that names the setting and the file. */
export class UnusablePair extends Error {
  override readonly name = 'UnusablePair';
}

/** Reads both files and checks them. @throws UnusablePair */
export const readTlsPair = (files: TlsFiles, now = Date.now()): TlsPair => {
  const certSaid = `VERBATIM_TLS_CERT_FILE names a file (${files.cert}) that`;
  const keySaid = `VERBATIM_TLS_KEY_FILE names a file (${files.key}) that`;
  const [cert, key] = [read(files.cert, certSaid), read(files.key, keySaid)];
  const certificate = parsed(
    () => new X509Certificate(cert),
    `${certSaid} holds no certificate in PEM: name the right file`,
  );
  if (/ENCRYPTED/.test(key.toString('latin1')))
    throw new UnusablePair(
      `${keySaid} is locked with a passphrase: store the key without one, for its owner alone`,
    );
  const privateKey = parsed(
    () => createPrivateKey(key),
    `${keySaid} holds no private key in PEM: name the right file`,
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw new UnusablePair(
      `VERBATIM_TLS_KEY_FILE (${files.key}) is not the key of the certificate in VERBATIM_TLS_CERT_FILE (${files.cert}): name two that belong together`,
    );
  if (Date.parse(certificate.validTo) < now)
    throw new UnusablePair(
      `${certSaid} holds a certificate that has expired (${certificate.validTo}): renew it, or correct the clock of this machine`,
    );
  return { cert, key };
};

const read = (file: string, said: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UnusablePair(
      code === 'ENOENT'
        ? `${said} is not there: correct the name`
        : `${said} can't be read (${code}): check its permissions`,
    );
  }
};

const parsed = <T>(parse: () => T, otherwise: string): T => {
  try {
    return parse();
  } catch {
    throw new UnusablePair(otherwise);
  }
};
