import { spawn, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Writable } from 'node:stream';
import { childEnvironment } from '#libs/platform/child-environment.js';

/**
 * Starts a command that can't outlive this process. A shell of about 1 MB waits, apart, for the other end of pipe 3 to
 * close, which happens however we die, and then stops the command: first politely, then at once. The command takes the
 * shell's place, so it is our own child. `done` on the pipe tells the watcher that there is nothing left to stop: the
 * number might belong to another process by then.
 */
const WATCHED = `
pid=$$
(
  (
    read -r word && exit
    kill -INT $pid
    for signal in QUIT KILL; do
      for tenth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        kill -0 $pid || exit
        sleep 0.1
      done
      kill -$signal $pid
    done
  ) <&3 >/dev/null 2>&1 &
)
exec "$@" 3<&-
`;

/** A running PostgreSQL server (or one that is about to fail). */
export type ServerProcess = Readonly<{
  pid: number;
  /** The last lines it wrote, for error messages. */
  lastWords(): string;
  /** When it is gone, whatever the reason, with that reason in words. */
  exited: Promise<string>;
  /** Stops it: connections are ended, everything is written. Resolves when it is gone. */
  stop(): Promise<void>;
}>;

/** Milliseconds an orderly stop may take before it is made short. */
const STOP_DEADLINE_MS = 8000;

/** Milliseconds that what the server wrote last may take to arrive. */
const LAST_WORDS_MS = 300;

/** Read models give way to messages where there is not enough of the processor for both: they can be late, a post can't. */
const NICENESS = 5;

/** In a session of its own, so that Ctrl-C at the terminal reaches only us and we stop things in order. */
export const spawnServer = (
  command: readonly string[],
  cwd: string,
  onLine: (line: string) => void,
): ServerProcess => {
  const child = spawn('sh', ['-c', WATCHED, 'sh', ...command], {
    cwd,
    env: childEnvironment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) setPriority(child.pid, NICENESS);
  const words: string[] = [];
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      words.push(line);
      if (words.length > 20) words.shift();
      onLine(line);
    }
  });
  const exited = waitForExit(child);
  return {
    pid: child.pid ?? -1,
    lastWords: () => words.join('\n'),
    exited,
    stop: () => stopChild(child, exited),
  };
};

/** Not the child's `close`: that would wait for the watcher, which waits for us. */
const waitForExit = (child: ChildProcess): Promise<string> => {
  const watcher = child.stdio[3] as Writable;
  watcher.on('error', () => {}); // it may be gone already
  return new Promise((resolve) => {
    const gone = (reason: string): void => {
      watcher.end('done\n');
      // Not unreferenced: what the server wrote may have arrived before, and then nothing else would keep us here.
      const late = setTimeout(() => resolve(reason), LAST_WORDS_MS);
      child.stderr?.once('close', () => {
        clearTimeout(late);
        resolve(reason);
      });
    };
    child.once('error', (error) => gone(error.message));
    child.once('exit', (code, signal) => gone(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
};

const stopChild = async (child: ChildProcess, exited: Promise<string>): Promise<void> => {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    child.kill(signal);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>(
      (resolve) => (timer = setTimeout(() => resolve('late'), STOP_DEADLINE_MS)),
    );
    const outcome = await Promise.race([exited, late]);
    clearTimeout(timer);
    if (outcome !== 'late') return;
  }
};
