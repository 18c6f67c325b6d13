import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './read-if-there.js';

export const LOCK_FILE = 'lock';

/**
 * Locks a folder for this process until `release`. The lock of a killed process does not count: processes are
 * identified by process id and start time, because process ids are reused.
 *
 * @returns a function that releases the folder, or the process id of the living process that holds it
 * @throws the file system's error when the folder can't be written
 */
export const lockFolder = (folder: string): (() => void) | number => {
  const file = join(folder, LOCK_FILE);
  const mine = signature(process.pid);
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, mine, { mode: 0o600 });
    while (!linkInPlace(draft, file)) {
      const holder = readIfThere(file);
      if (holder === undefined) continue;
      const pid = Number.parseInt(holder, 10);
      if (isAlive(pid) && signature(pid) === holder) return pid;
      removeStale(file, holder);
    }
    return () => {
      if (readIfThere(file) === mine) rmSync(file, { force: true });
    };
  } finally {
    rmSync(draft, { force: true });
  }
};

/**
 * Links a file into place. If two processes do so at the same time, one succeeds. The file is complete from
 * its first moment.
 */
const linkInPlace = (from: string, to: string): boolean => {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

/**
 * Removes a stale lock. It is moved aside before it is deleted: if another process has locked the folder by
 * then, the new lock is moved back.
 */
const removeStale = (file: string, stale: string): void => {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // another process was faster
  }
  if (readIfThere(aside) !== stale) linkInPlace(aside, file);
  rmSync(aside, { force: true });
};

const isAlive = (pid: number): boolean => {
  if (!(pid > 0)) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Returns the process id and the start time, the latter from field 22 of proc(5)'s stat; it is empty where
 * there is no /proc. A zombie (killed, but not yet waited for by its parent) is dead, so its signature
 * matches nobody's.
 */
const signature = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? '' : `${pid} ${fields[18]}\n`;
  } catch {
    return `${pid} \n`;
  }
};
