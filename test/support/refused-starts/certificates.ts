import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export type Certificate = Readonly<{ certificate: string; key: string; file: string }>;

type Validity = Readonly<{ from?: Date; to?: Date }>;

/** Makes a self-signed certificate for these names, and writes it to a file `<name>.crt` in the folder. */
export const makeCertificate = async (
  folder: string,
  name: string,
  hosts: readonly string[],
  { from = new Date(Date.now() - 86_400_000), to = new Date(Date.now() + 86_400_000) }: Validity = {},
): Promise<Certificate> => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: hosts[0] }], {
    keySize: 2048,
    notBeforeDate: from,
    notAfterDate: to,
    extensions: [{ name: 'subjectAltName', altNames: hosts.map(altName) }],
  });
  const file = join(folder, `${name}.crt`);
  await writeFile(file, cert);
  return { certificate: cert, key, file };
};

const altName = (host: string): { type: 2; value: string } | { type: 7; ip: string } =>
  /^\d+(\.\d+){3}$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host };
