import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChildProcess } from 'node:child_process';
import { accessOfNode, connectionStringFor } from '#libs/embedded-event-store/access/store-access.js';
import { ProcessTree, signal } from '#tools/harness/processes/process-tree.js';
import { LEASH, givenStoreCommand } from '#tools/harness/store/store-command.js';

const MAIN = fileURLToPath(new URL('../../dist/libs/embedded-event-store/main.js', import.meta.url));

/**
 * Runs an event store in its own process, over a temporary folder: the embedded one, or the one that the tests were
 * given. It keeps its port and data over `kill` and `restart`, and ends with the process that started it, however that
 * ends.
 */
export class TestEventStore {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly more: readonly string[],
  ) {}

  /** `more`: arguments for the embedded store's process, besides data and port. A given store ignores them. */
  static async start(more: readonly string[] = []): Promise<TestEventStore> {
    const folder = await mkdtemp(join(tmpdir(), 'verbatim-spec-es-'));
    const { child, port } = await spawnStore(folder, 0, more);
    const store = new TestEventStore(folder, port, more);
    store.#process = child;
    return store;
  }

  get connectionString(): string {
    if (givenStoreCommand() !== undefined) return `esdb://127.0.0.1:${this.port}?tls=false`;
    const dataDir = dataDirIn(this.folder);
    return connectionStringFor(dataDir, this.port, accessOfNode(dataDir));
  }

  /** Ends the store as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts the store again after `kill`. A store that still runs is first ended gracefully. */
  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    this.#process = (await spawnStore(this.folder, this.port, this.more)).child;
  }

  /** Keeps a copy of the present data. For that, the store ends gracefully and starts again. */
  async keepCopy(): Promise<void> {
    await this.#end('SIGTERM');
    await cp(dataDirIn(this.folder), copyIn(this.folder), { recursive: true });
    await this.restart();
  }

  /**
   * Restores the copy as an operator does: kills the store, puts the copy in place of the data, and starts it again.
   */
  async restoreCopy(): Promise<void> {
    await this.kill();
    await rm(dataDirIn(this.folder), { recursive: true });
    await cp(copyIn(this.folder), dataDirIn(this.folder), { recursive: true });
    await this.restart();
  }

  /** Makes the store stop answering, without closing anything, until `resume`. */
  pause(): void {
    this.#signalAll('SIGSTOP');
  }

  resume(): void {
    this.#signalAll('SIGCONT');
  }

  /** Ends the store and removes its data. */
  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Signals the children of the process too: a given store runs below the process that was started. */
  #signalAll(name: NodeJS.Signals): void {
    const { pid } = this.#process ?? {};
    if (pid === undefined) return;
    for (const member of new ProcessTree(pid).living()) signal(member, name);
  }

  async #end(name: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    if (name === 'SIGKILL') this.#signalAll(name);
    else child.kill(name);
    this.#process = undefined;
    await ended;
  }
}

export const startEventStore = (more?: readonly string[]): Promise<TestEventStore> =>
  TestEventStore.start(more);

const copyIn = (folder: string): string => join(folder, 'copy');

const dataDirIn = (folder: string): string => join(folder, 'data');

const spawnStore = async (
  folder: string,
  port: number,
  more: readonly string[],
): Promise<{ child: ChildProcess; port: number }> => {
  const place = ['--data', dataDirIn(folder), '--port', String(port)];
  const isGiven = givenStoreCommand() !== undefined;
  const args = isGiven ? [LEASH, ...place] : [MAIN, ...place, '--with-parent', '--secure', ...more];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors: string[] = [];
  child.stderr.on('data', (chunk) => errors.push(String(chunk)));
  for await (const line of createInterface(child.stdout)) {
    child.stdout.resume();
    return { child, port: (JSON.parse(line) as { port: number }).port };
  }
  throw new Error(`The event store did not start: ${errors.join('').trim()}`);
};
