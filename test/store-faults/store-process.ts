import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient } from '@eventstore/db-client';

export const MAIN = fileURLToPath(new URL('../../dist/libs/embedded-event-store/main.js', import.meta.url));

/** Runs the event store as a process over its own folder, so that tests can harm it from outside. */
export class StoreProcess {
  #child: ChildProcess | undefined;
  readonly #clients: EventStoreDBClient[] = [];
  #said: string[] = [];
  #port = 0;
  /** How long the last start took, from the start of the process to its line "ready". */
  readyMs = 0;

  private constructor(private readonly folder: string) {}

  /** @param where the folder in which the store's own folder is made */
  static async start(where = tmpdir()): Promise<StoreProcess> {
    const store = new StoreProcess(await mkdtemp(join(where, 'verbatim-store-fault-')));
    await store.start();
    return store;
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Everything that it has printed to stderr since its last start. */
  said(): string {
    return this.#said.join('');
  }

  /** Returns a client with its own connection. `stop` closes it at the latest. */
  client(): EventStoreDBClient {
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${this.#port}?tls=false`);
    this.#clients.push(client);
    return client;
  }

  /**
   * Starts the store on a free port, over the existing data.
   * @throws Error with what it printed if it does not start
   */
  async start(): Promise<void> {
    const began = performance.now();
    // With one thread for blocking work, calls are made, and counted, one after the other.
    const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
    const args = [MAIN, '--data', this.dataDir, '--port', '0', '--with-parent'];
    const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const errors: string[] = (this.#said = []);
    child.stderr.on('data', (piece) => errors.push(String(piece)));
    for await (const line of createInterface(child.stdout)) {
      this.readyMs = performance.now() - began;
      this.#port = (JSON.parse(line) as { port: number }).port;
      this.#child = child;
      child.stdout.resume();
      return;
    }
    throw new Error(`The event store did not start: ${errors.join('').trim()}`);
  }

  /** Ends the store at once, as a power cut ends a process. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async killAndStart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Ends the store in order, so that the next start has nothing to repair, and starts it. */
  async restart(): Promise<void> {
    const child = this.#child!;
    this.#child = undefined;
    const ended = once(child, 'exit');
    child.stdin?.end();
    await ended;
    await this.start();
  }

  /** Ends the store and removes its data. */
  async stop(): Promise<void> {
    await this.disconnect();
    await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Closes all clients. */
  async disconnect(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.dispose()));
  }
}
