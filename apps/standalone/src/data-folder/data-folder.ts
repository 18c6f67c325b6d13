import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { holdsLog } from './missing-parts.js';
import { StartRefused } from '../start-refused.js';
import { LOCK_FILE, lockFolder } from '#libs/platform/files/folder-lock.js';
import { writeWhole } from '#libs/platform/files/write-whole.js';

const MARKER = 'verbatim.json';
const BOT_KEYS = 'keys';
/** The role audit uses this folder by itself, also in a process that has no engines. */
const AUDIT_LOG = 'audit-log';
const FORMAT = 1;

/** The folder of everything that this installation stores. Only this process holds it. */
export type DataFolder = Readonly<{
  eventStore: string;
  postgres: string;
  adminKey: string;
  /** Releases the folder, so that the next process can take it. */
  release(): void;
}>;

/**
 * Takes the data folder, and creates it (mode 0700) if it is missing. A folder that is refused is not
 * changed.
 *
 * @throws StartRefused when the folder belongs to somebody else, can't be written, is in use, or was made by
 * a newer version
 */
export const takeDataFolder = (folder: string): DataFolder => {
  try {
    makeFolder(folder);
    checkOwner(folder);
    checkMarker(folder);
    const lock = lockFolder(folder);
    if (typeof lock === 'number') {
      throw new StartRefused(`The data folder ${folder} is in use by another Verbatim (process ${lock})`);
    }
    chmodSync(folder, 0o700);
    writeWhole(join(folder, MARKER), `${JSON.stringify({ format: FORMAT })}\n`);
    return {
      eventStore: join(folder, 'event-store'),
      postgres: join(folder, 'postgres'),
      adminKey: adminKeyFile(folder),
      release: lock,
    };
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartRefused(
      `The data folder ${folder} can't be used (${code ?? message}): set VERBATIM_DATA_DIR to another`,
    );
  }
};

/** Returns the path of the first admin's key. The command line reads the key from there too. */
export const adminKeyFile = (folder: string): string => join(folder, 'admin.key');

/** Returns the path where the command line saves the key of a bot it created. */
export const botKeyFile = (folder: string, bot: string): string => join(folder, BOT_KEYS, `${bot}.key`);

/**
 * Returns whether a file may be in a new data folder. The command line may have saved keys of a server
 * elsewhere before anything was started here, and a role audit its tree.
 */
const isOurs = (name: string): boolean =>
  name === BOT_KEYS || name === AUDIT_LOG || name.startsWith(MARKER) || name.startsWith(LOCK_FILE);

/**
 * Creates a folder and its parents. Node's own recursive mkdir never returns where nothing can be created,
 * such as below `/proc`.
 */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder, { mode: 0o700 });
};

/**
 * Refuses a folder of another user. Its owner can open it again whenever we close it, so nothing of ours is
 * safe in it.
 */
const checkOwner = (folder: string): void => {
  const { uid } = statSync(folder);
  if (process.getuid === undefined || uid === process.getuid()) return;
  throw new StartRefused(
    `The data folder ${folder} belongs to another user (${uid}), who could read all of it: change its owner to this user (chown), or set VERBATIM_DATA_DIR to another`,
  );
};

const checkMarker = (folder: string): void => {
  const names = readdirSync(folder);
  if (!names.includes(MARKER)) {
    const foreign = names.find((name) => !isOurs(name));
    if (foreign === undefined) return;
    if (holdsLog(join(folder, 'event-store'))) {
      throw new StartRefused(
        `${MARKER} is missing in ${folder}, which holds a log of Verbatim: put it back, with the text {"format":${FORMAT}}`,
      );
    }
    throw new StartRefused(
      `The folder ${folder} holds something else (${foreign}): set VERBATIM_DATA_DIR to an empty or new folder`,
    );
  }
  const format = formatOf(readFileSync(join(folder, MARKER), 'utf8'));
  if (format !== FORMAT) {
    throw new StartRefused(
      `The data in ${folder} has format ${format}; this version of Verbatim knows format ${FORMAT}`,
    );
  }
};

const formatOf = (text: string): string | number => {
  try {
    const { format } = JSON.parse(text) as { format?: unknown };
    return typeof format === 'number' ? format : 'unknown';
  } catch {
    return 'unknown';
  }
};
