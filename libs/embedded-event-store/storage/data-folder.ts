import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { FolderLock, LOCK_FILE } from './folder-lock.js';
import { requireRoom } from './room.js';
import { writeTrouble } from './write-trouble.js';

const MARKER_FILE = 'format.json';
const KIND = 'embedded-event-store';
const FORMAT = 2;
const MARKER = `${JSON.stringify({ kind: KIND, format: FORMAT })}\n`;

/** Reports that the data folder can't be used. The message says why in one line. */
export class DataFolderUnusable extends Error {
  override name = 'DataFolderUnusable';
}

/**
 * Takes a data folder for this process alone, creating it (mode 0700) if needed. It refuses a folder with foreign
 * files, with data of another format, or in use by a living process. @throws DataFolderUnusable
 */
export const takeDataFolder = (folder: string): FolderLock => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    checkMarker(folder, readdirSync(folder));
    if (process.platform !== 'win32') chmodSync(folder, 0o700);
  } catch (error) {
    if (error instanceof DataFolderUnusable) throw error;
    throw new DataFolderUnusable(`Cannot use the data folder ${folder}: ${(error as Error).message}`);
  }
  const lock = locked(folder);
  if (!lock) throw new DataFolderUnusable(`The data folder ${folder} is in use by another event store`);
  try {
    writeMarker(folder);
    return lock;
  } catch (error) {
    lock.release();
    throw notWritable(folder, error);
  }
};

const locked = (folder: string): FolderLock | undefined => {
  try {
    requireRoom(folder);
    return FolderLock.lockFolder(folder);
  } catch (error) {
    throw notWritable(folder, error);
  }
};

const notWritable = (folder: string, error: unknown): DataFolderUnusable =>
  new DataFolderUnusable(`Cannot write to the data folder ${folder}: ${writeTrouble(error)}`);

/** Returns why the log in a folder can't be checked; undefined if it can. Changes nothing. */
export const folderTrouble = (folder: string): string | undefined => {
  try {
    if (FolderLock.isTaken(folder))
      return `The data folder ${folder} is in use by an event store: stop it first. While it runs, it checks its whole log itself`;
    const hasLog = readdirSync(folder).some((file) => isOfLog(file));
    return hasLog ? undefined : `The folder ${folder} holds no log of an event store`;
  } catch (error) {
    return `Cannot look at the folder ${folder}: ${(error as Error).message}`;
  }
};

/** Returns what is wrong with the file that identifies the folder; undefined if nothing is. */
export const markerTrouble = (folder: string): string | undefined => {
  try {
    checkMarker(folder, readdirSync(folder));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

const isOfLog = (file: string): boolean => /^events-\d{16}\.(?:log|kept)$/u.test(file);

const checkMarker = (folder: string, files: readonly string[]): void => {
  if (!files.includes(MARKER_FILE)) {
    if (files.some((file) => isOfLog(file)))
      throw new DataFolderUnusable(
        `${MARKER_FILE} is missing in ${folder}, which holds a log: put it back, with the text ${MARKER.trim()}`,
      );
    const foreign = files.find((file) => !file.startsWith(LOCK_FILE) && !file.startsWith(MARKER_FILE));
    if (foreign !== undefined)
      throw new DataFolderUnusable(`The folder ${folder} is not an event store's: it holds ${foreign}`);
    return;
  }
  const { kind, format } = parseMarker(readFileSync(path.join(folder, MARKER_FILE), 'utf8'));
  if (kind !== KIND && files.some((file) => isOfLog(file)))
    throw new DataFolderUnusable(
      `${MARKER_FILE} in ${folder}, which holds a log, is damaged: write into it ${MARKER.trim()}`,
    );
  if (kind !== KIND) throw new DataFolderUnusable(`The folder ${folder} is not an event store's`);
  if (format !== FORMAT)
    throw new DataFolderUnusable(
      `The data in ${folder} has format ${String(format)}, this version reads format ${FORMAT}`,
    );
};

const parseMarker = (text: string): { kind?: unknown; format?: unknown } => {
  try {
    return (JSON.parse(text) ?? {}) as { kind?: unknown; format?: unknown };
  } catch {
    return {};
  }
};

/** Writes the marker before the first data and renames it into place, so that it is there completely or not at all. */
const writeMarker = (folder: string): void => {
  const file = path.join(folder, MARKER_FILE);
  if (readdirSync(folder).includes(MARKER_FILE)) return;
  const draft = `${file}.${process.pid}`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, MARKER);
    fsyncSync(handle);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
};
