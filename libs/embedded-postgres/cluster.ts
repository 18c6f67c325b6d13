import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '#libs/platform/child-environment.js';
import type { PostgresBinaries } from './binaries.js';
import { EmbeddedPostgresError, OR_USE_YOUR_OWN } from './embedded-postgres.error.js';
import type { RunAs } from './run-as.js';
import { lastWord } from './start-trouble.js';

const run = promisify(execFile);

/** Major version of the server in the npm package. It cannot read the files of another major version. */
const MAJOR = '18';
export const SUPERUSER = 'verbatim';
const PASSWORD = 'password';
const CLUSTER = 'cluster';
const UNFINISHED = 'unfinished-';
/**
 * Free disk space, in bytes, that a first start requires: twice what a new cluster with its first tables
 * takes.
 */
const ROOM_BYTES = 100 * 2 ** 20;

/** Returns PostgreSQL's own folder inside ours. The folder appears complete or not at all. */
export const clusterDir = (dataDir: string): string => join(dataDir, CLUSTER);

/**
 * Creates the folder if needed (but not its parents), refuses a folder that is not ours, and removes what an
 * interrupted first start left behind.
 *
 * @returns the owner of the existing cluster, or undefined if there is none yet
 * @throws EmbeddedPostgresError when the folder cannot be used
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
  if (strange !== undefined) {
    throw new EmbeddedPostgresError(`The folder ${dataDir} holds something other than Verbatim's PostgreSQL`);
  }
  if (names.includes(CLUSTER) && (await knownPassword(dataDir)) === '') {
    throw new EmbeddedPostgresError(
      `The password of PostgreSQL's files is lost: ${join(dataDir, PASSWORD)} is missing or empty. Put it back, or move ${dataDir} away (the next start creates it again and rebuilds the read models from the log), ${OR_USE_YOUR_OWN}`,
    );
  }
  for (const name of names.filter((candidate) => candidate.startsWith(UNFINISHED))) {
    await rm(join(dataDir, name), { recursive: true });
  }
  return names.includes(CLUSTER) ? checkVersion(dataDir) : undefined;
};

const checkVersion = async (dataDir: string): Promise<{ uid: number; gid: number }> => {
  const found = await readFile(join(clusterDir(dataDir), 'PG_VERSION'), 'utf8').catch(() => '');
  if (!/^\d+$/.test(found.trim())) {
    throw new EmbeddedPostgresError(
      `The PostgreSQL files in ${dataDir} are incomplete: cluster/PG_VERSION is missing or damaged. Move the folder away (the next start creates it again and rebuilds the read models from the log), ${OR_USE_YOUR_OWN}`,
    );
  }
  if (found.trim() === MAJOR) return stat(clusterDir(dataDir));
  throw new EmbeddedPostgresError(
    `The PostgreSQL files in ${dataDir} are of version ${found.trim()}, not ${MAJOR}: move the folder away (the read models are rebuilt from the log), ${OR_USE_YOUR_OWN}`,
  );
};

/** Returns the stored password, or an empty text if there is none. */
const knownPassword = (dataDir: string): Promise<string> =>
  readFile(join(dataDir, PASSWORD), 'utf8').catch(() => '');

/**
 * Returns the password of the superuser and creates it at the first use. The file is complete before any
 * cluster uses the password.
 */
export const readPassword = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, PASSWORD);
  const known = await knownPassword(dataDir);
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
 * Creates a new cluster. initdb builds it in a temporary folder and syncs it to disk; then the complete
 * folder is moved into place.
 *
 * @throws EmbeddedPostgresError with the last line of initdb's output
 */
export const initCluster = async (
  dataDir: string,
  binaries: PostgresBinaries,
  runAs: RunAs,
  password: string,
): Promise<void> => {
  await requireRoom(dataDir);
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
      const words = lastWord(error.stderr ?? error.message);
      throw new EmbeddedPostgresError(
        `PostgreSQL's files can't be made in ${dataDir}: ${words}; ${OR_USE_YOUR_OWN}`,
      );
    },
  );
  await rename(made, clusterDir(dataDir));
  await rm(aside, { recursive: true });
};

/**
 * Checks that a first start will not fill the disk half way through.
 *
 * @throws EmbeddedPostgresError when too little space is left
 */
const requireRoom = async (dataDir: string): Promise<void> => {
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize >= ROOM_BYTES) return;
  throw new EmbeddedPostgresError(
    `Only ${megabytes(bavail * bsize)} MB are left on the disk of ${dataDir}, and a first start needs ${megabytes(ROOM_BYTES)}: make room, or set VERBATIM_DATA_DIR to a folder elsewhere`,
  );
};

const megabytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);

/**
 * Returns the arguments of initdb. Text is sorted by code point, the same on every machine, and every
 * connection needs a password.
 */
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
