import { readFileSync } from 'node:fs';
import { ProcessTree, signal } from '../processes/process-tree.js';
import { LEASH } from '../store/store-command.js';
import type { Verbatim } from './verbatim.js';

/** Texts in the command lines of each engine's processes. */
const ENGINES = { 'event store': ['embedded-event-store/main.js', LEASH], PostgreSQL: ['postgres'] } as const;

export type Engine = keyof typeof ENGINES;

/** Sends SIGKILL to all processes of one engine, and to no others. @throws Error when none of them runs */
export const killEngine = ({ process: { tree } }: Verbatim, engine: Engine): void => {
  const isOfIt = (pid: number): boolean => ENGINES[engine].some((name) => commandOf(pid).includes(name));
  // A given store is recognised only by its leash, because the names of its own processes are unknown.
  const pids = new Set(
    tree
      .living()
      .filter(isOfIt)
      .flatMap((pid) => new ProcessTree(pid).living()),
  );
  if (pids.size === 0) throw new Error(`No process of the ${engine} runs`);
  for (const pid of pids) signal(pid, 'SIGKILL');
};

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has just ended
  }
};
