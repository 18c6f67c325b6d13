import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessOfNode } from '#libs/embedded-event-store/access/store-access.js';

/** All that must not be seen of a system by others, as it lies in its data folder. */
export const secretsOf = (dataDir: string): string[] => {
  const { password, key } = accessOfNode(join(dataDir, 'event-store'));
  const adminKey = readFileSync(join(dataDir, 'admin.key'), 'utf8').trim();
  return [
    password,
    encodeURIComponent(password),
    Buffer.from(`admin:${password}`).toString('base64'),
    key.split('\n')[1]!,
    readFileSync(join(dataDir, 'postgres', 'password'), 'utf8').trim(),
    adminKey,
    adminKey.split('.').at(-1)!,
  ];
};
