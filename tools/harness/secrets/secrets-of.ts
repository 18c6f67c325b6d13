import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** All that must not be seen of a system by others, as it lies in its data folder; what it has none of is left out. */
export const secretsOf = (dataDir: string): string[] => [
  ...storeSecretsOf(join(dataDir, 'event-store')),
  ...inFile(join(dataDir, 'postgres', 'password')).flatMap(passwordForms),
  ...inFile(join(dataDir, 'admin.key')).flatMap(keyForms),
];

/** The same of an event store's own folder. */
export const storeSecretsOf = (storeDir: string): string[] => [
  ...inFile(join(storeDir, 'access', 'password')).flatMap((password) => [
    ...passwordForms(password),
    Buffer.from(`admin:${password}`).toString('base64'),
  ]),
  ...inFile(join(storeDir, 'access', 'key.pem')).flatMap((key) => key.split('\n').slice(1, 2)),
];

/** A key, and the part of it that nobody may know. */
export const keyForms = (key: string): string[] => [...new Set([key, key.split('.').at(-1)!])];

/** As it is, and as it stands in a URL. */
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
