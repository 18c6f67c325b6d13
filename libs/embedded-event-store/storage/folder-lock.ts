import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const LOCK_FILE = 'lock';

/**
 * Locks a folder with a file that names the owning process. The complete file is linked into place, so that only one of
 * two processes succeeds. The lock of a killed process is recognized by the process id and, where the system provides
 * it, the time when that process started.
 */
export class FolderLock {
  private constructor(
    private readonly file: string,
    private readonly owner: string,
  ) {}

  /** Returns undefined if a living process has the folder. */
  static lockFolder(folder: string): FolderLock | undefined {
    const file = path.join(folder, LOCK_FILE);
    const owner = ownerText(process.pid);
    const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    try {
      writeFileSync(draft, owner, { mode: 0o600 });
      for (let attempt = 0; attempt < 10; attempt += 1) {
        if (linked(draft, file)) return new FolderLock(file, owner);
        const holder = readOwner(file);
        if (holder !== undefined && isAlive(holder)) return undefined;
        if (holder !== undefined) removeStale(file, holder);
      }
      return undefined;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Returns whether a living process has the folder. Changes nothing. */
  static isTaken(folder: string): boolean {
    const holder = readOwner(path.join(folder, LOCK_FILE));
    return holder !== undefined && isAlive(holder);
  }

  /** Releases the folder, unless somebody else has it by now. */
  release(): void {
    if (readOwner(this.file) === this.owner) rmSync(this.file, { force: true });
  }
}

const linked = (from: string, to: string): boolean => {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const readOwner = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * Moves a stale lock away before removing it. If two processes find it stale, only one can move it; if that one has
 * moved a newer lock, it puts it back.
 */
const removeStale = (file: string, stale: string): void => {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readOwner(aside) !== stale) linked(aside, file);
  rmSync(aside, { force: true });
};

const isAlive = (owner: string): boolean => {
  const pid = Number.parseInt(owner, 10);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  if (statOf(pid)?.[0] === 'Z') return false; // killed, but not yet reaped by its parent: it holds nothing any more
  return ownerText(pid) === owner || startOf(pid) === undefined;
};

const ownerText = (pid: number): string => `${pid} ${startOf(pid) ?? ''}\n`;

/**
 * Returns the clock ticks from the machine's start to the process's (field 22). Process ids are reused, these are not.
 */
const startOf = (pid: number): string | undefined => statOf(pid)?.[19];

/** Returns the fields of proc(5)'s stat from the third one, the state, on; undefined on systems without it. */
const statOf = (pid: number): string[] | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
};
