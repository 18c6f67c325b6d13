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

/** What a client needs to be let in, and the node to let it in. */
export interface StoreAccess extends Certificate {
  readonly password: string;
}

/** EventStoreDB's name for the user who may do everything. */
export const STORE_USER = 'admin';

const FOLDER = 'access';
const FILES = { certificate: 'certificate.pem', key: 'key.pem', password: 'password' } as const;
const NAMES = Object.keys(FILES) as (keyof typeof FILES)[];
const PASSWORD = /^[\x21-\x7e]{16,256}$/u;

/**
 * The credentials in a node's data folder. If there are none, or they can't be used, they are made: whole or not at
 * all, in files for the owner alone. `warn` hears of those that are replaced. Call it only for a folder that is taken.
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
      `New credentials are made in ${path.join(dataDir, FOLDER)}, for those found there can't be used (${trouble}): other clients need the new ones`,
    );
  const made = {
    ...(await makeCertificate(host)),
    password: randomBytes(32).toString('base64url'),
  };
  writeAccess(dataDir, made);
  return made;
};

/**
 * The credentials of a node that runs, for its clients.
 * @throws Error when they are not there whole
 */
export const accessOfNode = (dataDir: string): StoreAccess => {
  const found = readAccess(dataDir);
  const missing = NAMES.filter((name) => found?.[name] === undefined);
  if (missing.length === 0) return found as StoreAccess;
  throw new Error(`${path.join(dataDir, FOLDER)} lacks ${missing.map((name) => FILES[name]).join(', ')}`);
};

/**
 * Puts credentials back that clients rely on, if other ones or none are there. Call it only while the node does not run.
 * @throws the file system's error
 */
export const keepAccess = (dataDir: string, access: StoreAccess): void => {
  const found = readAccess(dataDir);
  if (NAMES.some((name) => found?.[name] !== access[name])) writeAccess(dataDir, access);
};

/** Connection string for a client on the same machine. It holds the password: not for logs. */
export const connectionStringFor = (dataDir: string, port: number, { password }: StoreAccess): string => {
  const authority = path.resolve(dataDir, FOLDER, FILES.certificate);
  return `esdb://${STORE_USER}:${encodeURIComponent(password)}@localhost:${port}?tlsCAFile=${encodeURIComponent(authority)}`;
};

/** What there is of it; undefined if nothing was ever there. */
const readAccess = (dataDir: string): Partial<StoreAccess> | undefined => {
  const read = (name: keyof typeof FILES): string | undefined => {
    try {
      return readFileSync(path.join(dataDir, FOLDER, FILES[name]), 'utf8').trimEnd();
    } catch {
      return undefined; // what can't be read is as good as damaged
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

/** Made aside and moved into place, so that a process that is killed leaves all of it or nothing. */
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
