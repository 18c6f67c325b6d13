import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from '#libs/event-store/connection/cluster-members.js';
import type { ConnectionPlan } from '#libs/event-store/connection/connection-string.js';
import { StartRefused } from '../start-refused.js';

/**
 * Reads and checks the files that a connection string names.
 *
 * @throws StartRefused that names the parameter and the file
 */
export const readTlsFiles = ({
  files: { tlsCAFile, userCertFile, userKeyFile },
}: ConnectionPlan): TlsFiles => {
  const read: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  if (tlsCAFile !== undefined) read.ca = checked('tlsCAFile', tlsCAFile, isCertificate, 'certificate');
  if (userCertFile !== undefined)
    read.cert = checked('userCertFile', userCertFile, isCertificate, 'certificate');
  if (userKeyFile !== undefined)
    read.key = checked('userKeyFile', userKeyFile, createPrivateKey, 'private key');
  try {
    createSecureContext(read);
    return read;
  } catch {
    throw new StartRefused(
      'VERBATIM_EVENTSTORE_URL has a userCertFile and a userKeyFile that do not belong together: name those of one pair',
    );
  }
};

const isCertificate = (content: Buffer): unknown => new X509Certificate(content);

const checked = (
  parameter: string,
  name: string,
  look: (content: Buffer) => unknown,
  what: string,
): Buffer => {
  const file = resolve(name);
  const said = `VERBATIM_EVENTSTORE_URL has a ${parameter} (${file}) that`;
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartRefused(
      code === 'ENOENT'
        ? `${said} is not there: correct the name`
        : `${said} can't be read (${code}): check its permissions`,
    );
  }
  try {
    look(content);
    return content;
  } catch {
    throw new StartRefused(`${said} holds no ${what} in PEM: name the right file`);
  }
};
