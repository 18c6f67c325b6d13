import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the secrets in a system's data folder, which nobody else may see. Files that do not exist are left out. */
export const secretsOf = (dataDir: string): string[] => [
  ...storeSecretsOf(join(dataDir, 'event-store')),
  ...inFile(join(dataDir, 'postgres', 'password')).flatMap(passwordForms),
  ...inFile(join(dataDir, 'admin.key')).flatMap(keyForms),
];

/** Returns the secrets in an event store's folder. */
export const storeSecretsOf = (storeDir: string): string[] => [
  ...inFile(join(storeDir, 'access', 'password')).flatMap((password) => [
    ...passwordForms(password),
    Buffer.from(`admin:${password}`).toString('base64'),
  ]),
  ...inFile(join(storeDir, 'access', 'key.pem')).flatMap((key) => key.split('\n').slice(1, 2)),
];

/** Returns a key, and its secret part alone. */
export const keyForms = (key: string): string[] => [...new Set([key, key.split('.').at(-1)!])];

/** Returns a password as it is, and as it is written in a URL. */
export const passwordForms = (password: string): string[] => [
  ...new Set([password, encodeURIComponent(password)]),
];

const inFile = (path: string): string[] => {
  try {
    return [readFileSync(path, 'utf8').trim()];
  } catch {
    return [];
  }
};
