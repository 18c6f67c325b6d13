import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { waitFor } from '#libs/harness/wait-for.js';

/** A client library over one transport. */
export type ClientKind = Readonly<{
  name: string;
  command: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** It has each event handled in a thread of its own, so that which comes first is not said. */
  isThreaded?: boolean;
}>;

/** What a client told; `at` in milliseconds since 1970. */
export type Told = Readonly<{
  at: number;
  event: string;
  code?: string;
  channel?: string;
  seqs?: readonly number[];
  words?: readonly unknown[];
}>;

/** A bot in a process of its own, with a client library that reconnects by itself if it does. */
export class ClientProcess {
  readonly told: Told[] = [];
  private readonly process: ChildProcess;
  private complaints = '';
  private isEnding = false;

  constructor(
    readonly kind: ClientKind,
    at: Readonly<{ url: string; key: string; consumer?: string }>,
  ) {
    const [program, ...args] = kind.command;
    this.process = spawn(program!, args, {
      env: { ...process.env, ...kind.env, URL: at.url, KEY: at.key, CONSUMER: at.consumer ?? 'default' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      if (!this.isEnding) this.told.push(JSON.parse(line) as Told); // the last line may be half of one
    });
    this.process.stdin!.on('error', () => {}); // it has ended; what it told says why
    this.process.stderr!.on('data', (text: Buffer) => (this.complaints += text.toString()));
  }

  /** What the library printed by itself. */
  get stderr(): string {
    return this.complaints;
  }

  count(event: string, code?: string): number {
    return this.told.filter((one) => one.event === event && (code === undefined || one.code === code)).length;
  }

  /** Seqs of a channel in the order in which they came, as far as the library keeps it. */
  seqsOf(channel: string): number[] {
    const came = this.told.filter((one) => one.channel === channel).flatMap((one) => one.seqs ?? []);
    return this.kind.isThreaded ? came.toSorted((a, b) => a - b) : came;
  }

  /** @throws Error when it was not told so often in time */
  async waitFor(event: string, times = 1, ms = 20_000): Promise<void> {
    try {
      await waitFor(`${this.kind.name}: ${times} × ${event}`, () => this.count(event) >= times, ms);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it said ${this.complaints.slice(-500)}`, {
        cause: error,
      });
    }
  }

  send(event: string, data: unknown): void {
    this.process.stdin!.write(`${JSON.stringify({ event, data })}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.isEnding = true;
    const gone = new Promise((resolve) => this.process.once('close', resolve));
    this.process.kill('SIGKILL');
    await gone;
  }
}
