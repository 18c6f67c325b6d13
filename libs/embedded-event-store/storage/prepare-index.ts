import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { takeSum } from './index-sum.js';

/** Milliseconds that checking a whole index may take. An index whose pages form a circle would take forever. */
const INSPECTION_MS = 120_000;
const INSPECT = '#libs/embedded-event-store/storage/inspect-index.js';
/** The same value as in inspect-index.ts, which is a program and can't be imported. */
const UNUSABLE = 3;
/** LMDB's magic number (MDB_MAGIC in mdb.c), behind the header of its first two pages. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const PAGE = 4096;

/**
 * Checks the index before it is opened, because LMDB ends the process at foreign bytes. An index that was closed has
 * its checksum next to it. Any other, as after a crash, is first read in a process of its own, and the copy that this
 * makes is used. An index that can't be used, or that could not be checked, is moved aside, which is reported, and is
 * rebuilt from the log. A file that can't be opened at the moment is left to the code that opens it.
 *
 * @throws the file system's error if it can't be moved aside
 */
export const prepareIndex = async (file: string, say: (line: string) => void): Promise<void> => {
  rmSync(`${file}-lock`, { force: true, recursive: true });
  const trouble = await troubleOf(file);
  if (trouble === undefined) return;
  const aside = `${file}.damaged`;
  rmSync(aside, { force: true, recursive: true });
  rmSync(`${file}-lock`, { force: true, recursive: true });
  renameSync(file, aside);
  say(
    `index.mdb can't be used (${trouble}): it is put aside as index.mdb.damaged and built again from the log`,
  );
};

/** Returns why an index can't be used; undefined if it can, or if there is none. It checks a copy. */
export const indexTrouble = async (file: string): Promise<string | undefined> => {
  const work = mkdtempSync(path.join(tmpdir(), 'verbatim-index-'));
  try {
    const copy = path.join(work, 'index.mdb');
    try {
      copyFileSync(file, copy);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : (error as Error).message;
    }
    return await troubleOf(copy);
  } finally {
    rmSync(work, { recursive: true });
  }
};

const troubleOf = async (file: string): Promise<string | undefined> => {
  const form = formTrouble(file);
  if (form !== undefined) return form === 'nothing there' || form === 'may pass' ? undefined : form;
  const closed = takeSum(file);
  if (closed === 'as it was') return undefined;
  if (closed === 'damaged') return 'it was found damaged while it was used';
  return closed === 'changed' ? 'it was changed since it was closed' : inspected(file);
};

const formTrouble = (file: string): string | undefined => {
  try {
    if (!lstatSync(file).isFile()) return 'it is not a file';
    chmodSync(file, 0o600);
    const fd = openSync(file, 'r+');
    const bytes = Buffer.alloc(2 * PAGE);
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    closeSync(fd);
    const isOne = [0, PAGE].some((page) => bytes.readUInt32LE(page + MAGIC_AT) === MAGIC);
    // A crash can leave an empty file, which LMDB accepts.
    return length === 0 || isOne ? undefined : 'it is not an LMDB file';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'nothing there';
    return code === 'EACCES' || code === 'EPERM' ? message : 'may pass';
  }
};

const inspected = async (file: string): Promise<string | undefined> => {
  const program = createRequire(import.meta.url).resolve(INSPECT);
  const copy = `${file}.copy`;
  rmSync(copy, { force: true, recursive: true });
  const child = spawn(process.execPath, [program, file, copy], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: INSPECTION_MS,
    killSignal: 'SIGKILL',
  });
  let words = '';
  child.stdout.on('data', (piece: Buffer) => (words += piece.toString()));
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (signal !== null) return `LMDB ends with ${signal} when it reads it`;
    if (code === UNUSABLE) return words;
    if (code !== 0) return `it could not be checked: the check ended with exit code ${code}`;
    renameSync(copy, file);
    return undefined;
  } catch (error) {
    return `it could not be checked: ${(error as Error).message}`;
  } finally {
    rmSync(copy, { force: true, recursive: true });
    rmSync(`${copy}-lock`, { force: true });
  }
};
