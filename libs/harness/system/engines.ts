import { readFileSync } from 'node:fs';
import { signal } from '../processes/process-tree.js';
import type { Verbatim } from './verbatim.js';

/** What the command line of each engine's processes has in it. */
const ENGINES = { 'event store': 'embedded-event-store/main.js', PostgreSQL: 'postgres' } as const;

export type Engine = keyof typeof ENGINES;

/** SIGKILL to all processes of one engine, and to nothing else. @throws Error when none of them runs */
export const killEngine = ({ process: { tree } }: Verbatim, engine: Engine): void => {
  const pids = tree.living().filter((pid) => commandOf(pid).includes(ENGINES[engine]));
  if (pids.length === 0) throw new Error(`No process of the ${engine} runs`);
  for (const pid of pids) signal(pid, 'SIGKILL');
};

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has just ended
  }
};
