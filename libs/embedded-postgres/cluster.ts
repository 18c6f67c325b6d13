import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '#libs/platform/child-environment.js';
import type { PostgresBinaries } from './binaries.js';
import { EmbeddedPostgresError, OR_USE_YOUR_OWN } from './embedded-postgres.error.js';
import type { RunAs } from './run-as.js';

const run = promisify(execFile);

/** Major version of the server in the npm package; another one's files can't be read. */
const MAJOR = '18';
export const SUPERUSER = 'verbatim';
const PASSWORD = 'password';
const CLUSTER = 'cluster';
const UNFINISHED = 'unfinished-';

/** PostgreSQL's own folder below ours. It appears whole or not at all. */
export const clusterDir = (dataDir: string): string => join(dataDir, CLUSTER);

/**
 * Makes the folder if needed (not those above it), refuses one that is not ours, and removes what an interrupted first start left.
 * @returns the owner of the existing cluster, undefined if there is none yet
 * @throws EmbeddedPostgresError
 */
export const openDataDir = async (dataDir: string): Promise<{ uid: number; gid: number } | undefined> => {
  await mkdir(dataDir, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return;
    throw new EmbeddedPostgresError(`The folder ${dataDir} can't be made (${error.code})`);
  });
  const names = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    throw new EmbeddedPostgresError(`The folder ${dataDir} can't be read (${error.code})`);
  });
  const strange = names.find((name) => name !== PASSWORD && name !== CLUSTER && !name.startsWith(UNFINISHED));
  if (strange !== undefined || (names.includes(CLUSTER) && !names.includes(PASSWORD))) {
    throw new EmbeddedPostgresError(`The folder ${dataDir} holds something other than Verbatim's PostgreSQL`);
  }
  for (const name of names.filter((candidate) => candidate.startsWith(UNFINISHED))) {
    await rm(join(dataDir, name), { recursive: true });
  }
  return names.includes(CLUSTER) ? checkVersion(dataDir) : undefined;
};

const checkVersion = async (dataDir: string): Promise<{ uid: number; gid: number }> => {
  const found = await readFile(join(clusterDir(dataDir), 'PG_VERSION'), 'utf8').catch(() => 'none');
  if (found.trim() === MAJOR) return stat(clusterDir(dataDir));
  throw new EmbeddedPostgresError(
    `The PostgreSQL files in ${dataDir} are of version ${found.trim()}, not ${MAJOR}: move the folder away (the read models are rebuilt from the log), ${OR_USE_YOUR_OWN}`,
  );
};

/** The password of the superuser, made at first use. Written whole before any cluster has it. */
export const readPassword = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, PASSWORD);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known !== '') return known;
  const password = randomBytes(24).toString('base64url');
  const unfinished = join(dataDir, `${UNFINISHED}password`);
  await writeSynced(unfinished, password);
  await rename(unfinished, file);
  return password;
};

const writeSynced = async (file: string, text: string): Promise<void> => {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Makes a new cluster: in a folder aside, synced to disk by initdb, moved into place when whole.
 * @throws EmbeddedPostgresError with initdb's last words
 */
export const initCluster = async (
  dataDir: string,
  binaries: PostgresBinaries,
  runAs: RunAs,
  password: string,
): Promise<void> => {
  const aside = await mkdtemp(join(dataDir, UNFINISHED));
  const passwordFile = join(aside, PASSWORD);
  const made = join(aside, CLUSTER);
  await writeSynced(passwordFile, password);
  await mkdir(made, { mode: 0o700 });
  if (runAs.owner !== undefined) {
    const { uid, gid } = runAs.owner;
    for (const path of [aside, passwordFile, made]) await chown(path, uid, gid);
  }
  const [command = '', ...args] = [...runAs.prefix, binaries.initdb, ...initArguments(made, passwordFile)];
  await run(command, args, { cwd: aside, env: childEnvironment() }).catch(
    (error: { stderr?: string; message: string }) => {
      const words = (error.stderr ?? error.message).trim().split('\n').at(-1);
      throw new EmbeddedPostgresError(
        `PostgreSQL's files can't be made in ${dataDir}: ${words}; ${OR_USE_YOUR_OWN}`,
      );
    },
  );
  await rename(made, clusterDir(dataDir));
  await rm(aside, { recursive: true });
};

/** Sorting by code point, the same on every machine; passwords for every connection. */
const initArguments = (pgdata: string, passwordFile: string): string[] => [
  `--pgdata=${pgdata}`,
  `--username=${SUPERUSER}`,
  `--pwfile=${passwordFile}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
];
