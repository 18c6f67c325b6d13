import { readFileSync } from 'node:fs';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '#libs/time/sleep.js';

/** Milliseconds that each of the three signals is given to take effect. */
const PATIENCE_MS = 5000;

/**
 * Stops a server that an earlier process of ours left behind on this cluster, and removes a lock file whose
 * process id now belongs to another process. Call it only while no other Verbatim uses the data folder.
 */
export const stopOrphan = async (pgdata: string): Promise<void> => {
  const lock = join(pgdata, 'postmaster.pid');
  const pid = Number((await readFile(lock, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  // PostgreSQL would mistake a zombie (a dead process that its parent has not waited for) for another server.
  if (stateOf(pid) === 'Z') return rm(lock, { force: true });
  if (!isAlive(pid)) return;
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  // A server works in its cluster's folder. Where there is no /proc, PostgreSQL decides by the lock file
  // alone.
  if (folder === undefined) return;
  if (folder !== (await realpath(pgdata))) return rm(lock, { force: true });
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!send(pid, signal) || (await isGone(pid))) return;
  }
};

const send = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
};

/** Returns whether the process is running. A zombie still accepts signals, but it is dead. */
const isAlive = (pid: number): boolean => send(pid, 0) && stateOf(pid) !== 'Z';

const stateOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  } catch {
    return undefined; // it ended in the meantime, or there is no /proc
  }
};

const isGone = async (pid: number): Promise<boolean> => {
  const deadline = Date.now() + PATIENCE_MS;
  while (isAlive(pid) && Date.now() < deadline) await sleep(20);
  return !isAlive(pid);
};
