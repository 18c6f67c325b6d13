import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessTree, signal } from './process-tree.js';
import { VerbatimApi } from './verbatim-api.js';
import { waitFor } from './wait-for.js';

/** As built, wherever this runs from. */
const MAIN = createRequire(import.meta.url).resolve('#apps/cli/src/main.js');

/** Where an instance lives over its restarts. */
export type Home = Readonly<{ dataDir: string; port: number; remove(): Promise<void> }>;

export type StartOptions = Readonly<{
  /** Default: a new home, removed by `remove()`. */
  home?: Home;
  env?: Readonly<Record<string, string>>;
  readyMs?: number;
}>;

export type Exit = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>;

/** A data folder that does not exist yet, in a temporary folder, and a port that is free now. */
export const makeHome = async (): Promise<Home> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-'));
  // Engines that may not run as root must get through to what is theirs.
  await chmod(folder, 0o755);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  return { dataDir: join(folder, 'data'), port: await freePort(), remove };
};

export const freePort = async (): Promise<number> => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** The environment of a process under test: ours, less settings of whoever runs the tests. */
export const environmentFor = (
  home: Pick<Home, 'dataDir' | 'port'>,
  env: StartOptions['env'] = {},
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VERBATIM_'))),
  VERBATIM_PORT: String(home.port),
  VERBATIM_DATA_DIR: home.dataDir,
  ...env,
});

/** The command line of `verbatim …`, as built. */
export const verbatimCommand = (args: readonly string[]): readonly string[] => [
  process.execPath,
  '--enable-source-maps',
  MAIN,
  ...args,
];

/** A process of ours that need not get ready: for starts that are expected to fail. */
export const runVerbatim = (args: readonly string[], env: NodeJS.ProcessEnv): RunningProcess =>
  new RunningProcess(verbatimCommand(args), env);

/** A process in a group of its own, as a shell would start it, with what it printed and everything it started. */
export class RunningProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly tree: ProcessTree;
  private printed = '';
  private readonly printedToStderr: string[] = [];

  constructor([command, ...args]: readonly string[], env: NodeJS.ProcessEnv) {
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
  }

  /** All it printed so far, both channels together. */
  output(): string {
    return this.printed;
  }

  stderr(): string {
    return this.printedToStderr.join('');
  }

  /** What Ctrl-C does in a terminal: SIGINT to the whole group. */
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

  /** Resolves when nothing it ever started lives any more. */
  async gone(withinMs = 10_000): Promise<void> {
    await waitFor(`processes of ${this.pid} to end`, () => this.tree.living().length === 0, withinMs);
  }
}

/** A whole Verbatim as a process tree: what `npm start` starts. */
export class Verbatim extends VerbatimApi {
  constructor(
    readonly home: Home,
    adminKey: string,
    readonly process: RunningProcess,
  ) {
    super(`http://127.0.0.1:${home.port}`, adminKey);
  }

  /** All it printed so far. */
  output(): string {
    return this.process.output();
  }

  /** Stops it as Ctrl-C does, and waits until all of its processes are gone. */
  async stop(withinMs = 20_000): Promise<Exit> {
    this.process.pressCtrlC();
    const exit = await this.process.exitWithin(withinMs);
    await this.process.gone();
    return exit;
  }

  /** SIGKILL to the main process alone. Its engines notice by themselves; `process.gone()` waits for that. */
  async kill(): Promise<void> {
    this.process.tree.living();
    signal(this.process.pid, 'SIGKILL');
    await this.process.exited;
  }

  /** SIGKILL to all of its processes at once. */
  async killTree(): Promise<void> {
    this.process.tree.kill();
    await this.process.exited;
    await this.process.gone();
  }

  /** Ends whatever is left, and removes the data. For `afterAll`. */
  async remove(): Promise<void> {
    await this.killTree();
    await this.home.remove();
  }
}

/**
 * Starts everything and waits until `/health/ready` answers 200. Needs `npm run build`, which `npm test` does first.
 * @throws Error with all it printed, when it ends or is not ready in time; nothing is left behind then
 */
export const startVerbatim = async (options: StartOptions = {}): Promise<Verbatim> => {
  const home = options.home ?? (await makeHome());
  const running = runVerbatim(['start'], environmentFor(home, options.env));
  let ended = false;
  void running.exited.then(() => (ended = true));
  const isReady = async (): Promise<boolean> => {
    if (ended) throw new Error('It ended before it was ready');
    return fetch(`http://127.0.0.1:${home.port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  try {
    await waitFor('Verbatim to be ready', isReady, options.readyMs ?? 30_000);
    const adminKey =
      options.env?.['VERBATIM_ADMIN_KEY'] ?? (await readFile(join(home.dataDir, 'admin.key'), 'utf8')).trim();
    return new Verbatim(home, adminKey, running);
  } catch (error) {
    running.tree.kill();
    await running.gone();
    if (options.home === undefined) await home.remove();
    throw new Error(`${(error as Error).message}; it printed:\n${running.output()}`, { cause: error });
  }
};
