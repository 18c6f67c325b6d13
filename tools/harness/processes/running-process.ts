import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { learnFromEnvironment, searchForSecrets } from '../secrets/told-secrets.js';
import { waitFor } from '../wait-for.js';
import { endWithUs } from './end-with-us.js';
import { ProcessTree, signal } from './process-tree.js';

export type Exit = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>;

/** Commands that print a newly created key as their answer. */
const ANSWERS_WITH_KEY = /\bmain\.js (?:bot|key) /;

/**
 * A process in its own process group, as a shell would start it, with its output and everything it started. When it has
 * ended, its output is searched for every known secret.
 */
export class RunningProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly tree: ProcessTree;
  /** Resolves when the output has been searched for secrets. */
  private readonly searched: Promise<void>;
  private printed = '';
  private readonly printedToStderr: string[] = [];

  constructor([command, ...args]: readonly string[], env: NodeJS.ProcessEnv) {
    learnFromEnvironment(env);
    const child = spawn(command!, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text;
      this.printedToStderr.push(text);
    });
    if (child.pid === undefined) throw new Error(`Cannot start ${command}`);
    this.pid = child.pid;
    this.exited = once(child, 'exit').then(([code, name]) => ({ code, signal: name }));
    this.tree = new ProcessTree(child.pid);
    endWithUs(this.tree, this.exited);
    const words = [command, ...args].join(' ');
    this.searched = once(child, 'close').then(() =>
      searchForSecrets(words, ANSWERS_WITH_KEY.test(words) ? this.stderr() : this.printed),
    );
  }

  /** Returns everything printed so far, on stdout and stderr together. */
  output(): string {
    return this.printed;
  }

  stderr(): string {
    return this.printedToStderr.join('');
  }

  /** Does what Ctrl-C does in a terminal: sends SIGINT to the whole group. */
  pressCtrlC(): void {
    this.tree.living();
    signal(-this.pid, 'SIGINT');
  }

  async exitWithin(ms: number): Promise<Exit> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ms);
    const exit = await Promise.race([this.exited, once(late.signal, 'abort').then(() => undefined)]);
    clearTimeout(timer);
    if (exit === undefined)
      throw new Error(`Process ${this.pid} still runs after ${ms} ms; it printed:\n${this.output()}`);
    return exit;
  }

  /** Resolves when everything it ever started has ended, and its output has been searched. */
  async gone(withinMs = 10_000): Promise<void> {
    await waitFor(`processes of ${this.pid} to end`, () => this.tree.living().length === 0, withinMs);
    await this.searched;
  }
}
