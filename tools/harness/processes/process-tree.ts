import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

/** A process. Its start time tells it apart from a later one with the same pid. */
type Entry = Readonly<{ pid: number; started: string; parent: number; zombie: boolean }>;

/** Lists every process on this machine: from `/proc` where it exists, because small images have no `ps`. */
const processes = (): Entry[] => (existsSync('/proc/self/stat') ? fromProc() : fromPs());

const fromProc = (): Entry[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => entryOf(Number(name)))
    .filter((entry) => entry !== undefined);

const entryOf = (pid: number): Entry | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command's name in brackets and may contain anything; the others are plain.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(fields[1]), zombie: fields[0] === 'Z', started: fields[19]! };
  } catch {
    return undefined;
  }
};

const fromPs = (): Entry[] =>
  execFileSync('ps', ['-Ao', 'pid=,ppid=,stat=,lstart='], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, parent, stat, started]) => ({
      pid: Number(pid),
      parent: Number(parent),
      zombie: stat!.startsWith('Z'),
      started: started!,
    }));

/**
 * A process and everything it starts. Each look remembers the members, so that those whose parent has died are still
 * found.
 */
export class ProcessTree {
  private readonly known = new Map<number, string>();

  constructor(root: number) {
    const itself = processes().find(({ pid }) => pid === root);
    if (itself) this.known.set(root, itself.started);
  }

  /** Returns the members that are alive now, parents before children. */
  living(): number[] {
    const all = processes();
    const found = all.filter(({ pid, started }) => this.known.get(pid) === started);
    // The list grows while the loop runs, so children of children are found, too.
    for (const { pid } of found) {
      found.push(...all.filter((entry) => entry.parent === pid && !found.includes(entry)));
    }
    for (const { pid, started } of found) this.known.set(pid, started);
    return found.filter(({ zombie }) => !zombie).map(({ pid }) => pid);
  }

  /** Sends SIGKILL to every member, like a power cut: no member gets to clean up. */
  kill(): void {
    for (const pid of this.living()) signal(pid, 'SIGKILL');
  }
}

/** Sends a signal. It is not an error if the process is already gone. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
