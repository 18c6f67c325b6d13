import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { signal } from '../processes/process-tree.js';
import { RunningProcess } from '../processes/running-process.js';
import type { Exit } from '../processes/running-process.js';
import { waitFor } from '../wait-for.js';
import { secretsOf } from '../secrets/secrets-of.js';
import { learnSecrets, requireNothingTold } from '../secrets/told-secrets.js';
import { environmentFor, makeHome } from './home.js';
import type { Home } from './home.js';
import { NODE_OPTIONS } from './node-options.js';
import { VerbatimApi } from './verbatim-api.js';

/** Resolved by name, so that it is found in the sources and in the build. */
const MAIN = createRequire(import.meta.url).resolve('#apps/cli/src/main.js');

export type StartOptions = Readonly<{
  /** By default a new home, which `remove()` removes. */
  home?: Home;
  env?: Readonly<Record<string, string>>;
  readyMs?: number;
}>;

/** Returns the command line of `verbatim …`, as built. */
export const verbatimCommand = (args: readonly string[]): readonly string[] => [
  process.execPath,
  ...(args[0] === 'start' ? NODE_OPTIONS : []),
  MAIN,
  ...args,
];

/** Runs a command without waiting until it is ready, for short commands and for starts that should fail. */
export const runVerbatim = (args: readonly string[], env: NodeJS.ProcessEnv): RunningProcess =>
  new RunningProcess(verbatimCommand(args), env);

/** A whole Verbatim as a process tree, as `npm start` starts it. */
export class Verbatim extends VerbatimApi {
  constructor(
    readonly home: Home,
    adminKey: string,
    readonly process: RunningProcess,
    private readonly env: Readonly<Record<string, string>> = {},
  ) {
    super(`http://127.0.0.1:${home.port}`, adminKey);
  }

  /** Returns everything printed so far. */
  output(): string {
    return this.process.output();
  }

  /** Stops it as Ctrl-C does, and waits until all of its processes are gone. */
  async stopSystem(withinMs = 20_000): Promise<Exit> {
    this.process.pressCtrlC();
    const exit = await this.process.exitWithin(withinMs);
    await this.process.gone();
    return exit;
  }

  /** Sends SIGKILL to the main process alone. Its engines then end by themselves; `process.gone()` waits for that. */
  async kill(): Promise<void> {
    this.process.tree.living();
    signal(this.process.pid, 'SIGKILL');
    await this.process.exited;
  }

  /** Sends SIGKILL to all of its processes at once. */
  async killTree(): Promise<void> {
    this.process.tree.kill();
    await this.process.exited;
    await this.process.gone();
  }

  /** Starts the same command on the same data, once all of its processes have ended. Use only the returned object then. */
  startAgain(): Promise<Verbatim> {
    return startVerbatim({ home: this.home, env: this.env });
  }

  /** Ends everything that is left and removes the data, for `afterAll`. @throws Error when it has printed a secret */
  async remove(): Promise<void> {
    await this.killTree();
    await this.home.remove();
    requireNothingTold();
  }
}

/**
 * Starts everything and waits until `/health/ready` answers 200. Needs `npm run build`, which `npm test` does first.
 * @throws Error with its output, when it ends or is not ready in time; then nothing is left running
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
    learnSecrets(secretsOf(home.dataDir));
    return new Verbatim(home, adminKey, running, options.env);
  } catch (error) {
    running.tree.kill();
    await running.gone();
    if (options.home === undefined) await home.remove();
    throw new Error(`${(error as Error).message}; it printed:\n${running.output()}`, { cause: error });
  }
};
