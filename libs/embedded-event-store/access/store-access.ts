import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { makeCertificate, type Certificate } from './certificate.js';
import { certificateTrouble } from './certificate-trouble.js';

/** The credentials that a client presents, and that the node checks. */
export interface StoreAccess extends Certificate {
  readonly password: string;
}

/** EventStoreDB's name for the user with all rights. */
export const STORE_USER = 'admin';

const FOLDER = 'access';
const FILES = { certificate: 'certificate.pem', key: 'key.pem', password: 'password' } as const;
const NAMES = Object.keys(FILES) as (keyof typeof FILES)[];
const PASSWORD = /^[\x21-\x7e]{16,256}$/u;

/**
 * Returns the credentials in a node's data folder. If there are none, or they can't be used, new ones are made:
 * completely or not at all, in files that only the owner can read. `warn` is called when credentials are replaced. Take
 * the data folder's lock first.
 * @throws the file system's error
 */
export const provideAccess = async (
  dataDir: string,
  host: string,
  warn: (line: string) => void,
): Promise<StoreAccess> => {
  const found = readAccess(dataDir);
  const trouble = found && troubleWith(found, host);
  if (found && trouble === undefined) {
    closeToOthers(dataDir);
    return found as StoreAccess;
  }
  if (trouble !== undefined)
    warn(
      `New credentials are made in ${path.join(dataDir, FOLDER)}, because those found there can't be used (${trouble}): other clients need the new ones`,
    );
  const made = {
    ...(await makeCertificate(host)),
    password: randomBytes(32).toString('base64url'),
  };
  writeAccess(dataDir, made);
  return made;
};

/**
 * Returns the credentials of a running node, for its clients.
 * @throws Error when a file is missing
 */
export const accessOfNode = (dataDir: string): StoreAccess => {
  const found = readAccess(dataDir);
  const missing = NAMES.filter((name) => found?.[name] === undefined);
  if (missing.length === 0) return found as StoreAccess;
  throw new Error(`${path.join(dataDir, FOLDER)} lacks ${missing.map((name) => FILES[name]).join(', ')}`);
};

/**
 * Restores credentials that clients rely on, if they are missing or differ. Call it only while the node is stopped.
 * @throws the file system's error
 */
export const keepAccess = (dataDir: string, access: StoreAccess): void => {
  const found = readAccess(dataDir);
  if (NAMES.some((name) => found?.[name] !== access[name])) writeAccess(dataDir, access);
};

/** Returns the connection string for a client on the same machine. It contains the password, so keep it out of logs. */
export const connectionStringFor = (dataDir: string, port: number, { password }: StoreAccess): string => {
  const authority = path.resolve(dataDir, FOLDER, FILES.certificate);
  return `esdb://${STORE_USER}:${encodeURIComponent(password)}@localhost:${port}?tlsCAFile=${encodeURIComponent(authority)}`;
};

/** Returns the credentials that exist; undefined if there never were any. */
const readAccess = (dataDir: string): Partial<StoreAccess> | undefined => {
  const read = (name: keyof typeof FILES): string | undefined => {
    try {
      return readFileSync(path.join(dataDir, FOLDER, FILES[name]), 'utf8').trimEnd();
    } catch {
      return undefined; // an unreadable file counts as damaged
    }
  };
  try {
    chmodSync(path.join(dataDir, FOLDER), 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return Object.fromEntries(NAMES.map((name) => [name, read(name)]));
};

const troubleWith = (
  { certificate, key, password }: Partial<StoreAccess>,
  host: string,
): string | undefined => {
  if (certificate === undefined || key === undefined || password === undefined) return 'a file is missing';
  if (!PASSWORD.test(password)) return 'the password is damaged';
  const names = ['localhost', ...(host === '0.0.0.0' || host === '::' ? [] : [host])];
  return names
    .map((name) => certificateTrouble({ certificate, key }, name, new Date()))
    .find((trouble) => trouble !== undefined);
};

/** Writes the files to a draft folder and renames it, so that a killed process leaves all of them or none. */
const writeAccess = (dataDir: string, access: StoreAccess): void => {
  const folder = path.join(dataDir, FOLDER);
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  for (const name of NAMES) writeSynced(path.join(draft, FILES[name]), `${access[name]}\n`);
  withFile(draft, 'r', fsyncSync);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  withFile(dataDir, 'r', fsyncSync);
};

const closeToOthers = (dataDir: string): void => {
  for (const name of NAMES) chmodSync(path.join(dataDir, FOLDER, FILES[name]), 0o600);
};

const writeSynced = (file: string, text: string): void =>
  withFile(file, 'wx', (handle) => {
    writeSync(handle, text);
    fsyncSync(handle);
  });

const withFile = (file: string, flags: string, work: (handle: number) => void): void => {
  const handle = openSync(file, flags, 0o600);
  try {
    work(handle);
  } finally {
    closeSync(handle);
  }
};
