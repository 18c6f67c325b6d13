import { spawn, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Writable } from 'node:stream';
import { childEnvironment } from '#libs/platform/child-environment.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { endsWithin } from '#libs/time/deadline.js';

/**
 * Starts a command that cannot outlive this process. A separate shell of about 1 MB waits for the other end
 * of pipe 3 to close, which happens however this process dies. The shell then stops the command, first
 * gracefully, then by force. The command replaces the outer shell, so it is our own child. The word `done` on
 * the pipe tells the watching shell that nothing is left to stop, because the process id might belong to
 * another process by then.
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

/** A running PostgreSQL server, or one that is about to fail. */
export type ServerProcess = Readonly<{
  pid: number;
  /** Returns the last lines that the server wrote, for error messages. */
  lastWords(): string;
  /** Resolves when the server is gone, whatever the reason, with that reason in words. */
  exited: Promise<string>;
  /**
   * Stops the server: connections are closed, and everything is written to disk. Resolves when it is gone.
   */
  stop(): Promise<void>;
}>;

/** Milliseconds that the server has to stop before it gets the next, harsher signal. */
const STOP_DEADLINE_MS = 8000;

/** Milliseconds to wait for the server's last lines to arrive. */
const LAST_WORDS_MS = 300;

/**
 * Priority of the server's process. When the processor is too busy for both, read models give way to
 * messages: they may be late, a post may not.
 */
const NICENESS = 5;

/**
 * Starts the server in a session of its own. Ctrl-C at the terminal then reaches only this process, which
 * stops everything in order.
 */
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

/**
 * Resolves when the child has exited. It does not wait for the child's `close` event: that would wait for the
 * watcher, which waits for us.
 */
const waitForExit = (child: ChildProcess): Promise<string> => {
  const watcher = child.stdio[3] as Writable;
  watcher.on('error', () => {}); // the watcher may be gone already
  return new Promise((resolve) => {
    const gone = (reason: string): void => {
      watcher.end('done\n');
      // This timer is not unreferenced. If the server's output has already ended, nothing else would keep
      // this process alive.
      const cancel = SYSTEM_CLOCK.after(LAST_WORDS_MS, () => resolve(reason));
      child.stderr?.once('close', () => {
        cancel();
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
    if (await endsWithin(STOP_DEADLINE_MS, exited)) return;
  }
};
