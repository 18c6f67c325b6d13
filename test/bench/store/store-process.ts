import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const STORE = fileURLToPath(new URL('../../../libs/embedded-event-store/main.js', import.meta.url));
const MEMORY = fileURLToPath(new URL('./memory-server.process.js', import.meta.url));

/** A server as a separate process, so that its CPU and memory can be told from the client's. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    /** The time from the start of the process to its line "ready". */
    readonly readyMs: number,
  ) {}

  static store(dataDir: string, nodeOptions: readonly string[] = []): Promise<ServerProcess> {
    return ServerProcess.start([...nodeOptions, STORE, '--data', dataDir, '--port', '0']);
  }

  /** Serves this many events of `$all` from memory. */
  static memory(events: number, bytes: number): Promise<ServerProcess> {
    return ServerProcess.start([MEMORY, String(events), String(bytes)]);
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** The resident memory in MiB. */
  get rssMiB(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }

  private static async start(args: readonly string[]): Promise<ServerProcess> {
    const options = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean);
    const began = performance.now();
    const child = spawn(process.execPath, [...options, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const orphaned = (): void => void child.kill('SIGKILL'); // so that a benchmark that fails leaves nothing running
    process.once('exit', orphaned);
    child.once('exit', () => process.off('exit', orphaned));
    for await (const line of createInterface(child.stdout)) {
      child.stdout.resume();
      const { port } = JSON.parse(line) as { port: number };
      return new ServerProcess(child, port, performance.now() - began);
    }
    throw new Error('The server ended before it was ready');
  }
}
