import { LineProcess } from '#test/support/line-process.js';
import { waitFor } from '#tools/harness/wait-for.js';

/** A client library over one transport. */
export type ClientKind = Readonly<{
  name: string;
  command: readonly string[];
  /** Whether the library handles each event in a separate thread, so that their order is not known. */
  isThreaded?: boolean;
}>;

/** What a client reported. `at` is in milliseconds since 1970. */
export type Told = Readonly<{
  at: number;
  event: string;
  code?: string;
  channel?: string;
  seqs?: readonly number[];
  words?: readonly unknown[];
}>;

/** Runs a bot in a separate process, with a client library that reconnects by itself if it can. */
export class ClientProcess {
  readonly told: Told[] = [];
  private readonly process: LineProcess<Told>;

  constructor(
    readonly kind: ClientKind,
    at: Readonly<{ url: string; key: string; consumer?: string }>,
  ) {
    const env = { ...process.env, URL: at.url, KEY: at.key, CONSUMER: at.consumer ?? 'default' };
    this.process = new LineProcess(kind.command, env, (told) => this.told.push(told));
  }

  /** What the library printed by itself. */
  get stderr(): string {
    return this.process.stderr;
  }

  count(event: string, code?: string): number {
    return this.told.filter((one) => one.event === event && (code === undefined || one.code === code)).length;
  }

  /** Returns the seqs of a channel in the order in which they came, as far as the library keeps it. */
  seqsOf(channel: string): number[] {
    const came = this.told.filter((one) => one.channel === channel).flatMap((one) => one.seqs ?? []);
    return this.kind.isThreaded ? came.toSorted((a, b) => a - b) : came;
  }

  /** @throws Error when the event was not reported this often in time */
  async waitFor(event: string, times = 1, ms = 20_000): Promise<void> {
    try {
      await waitFor(`${this.kind.name}: ${times} × ${event}`, () => this.count(event) >= times, ms);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it said ${this.stderr.slice(-500)}`, {
        cause: error,
      });
    }
  }

  send(event: string, data: unknown): void {
    this.process.tell({ event, data });
  }

  /** Sends the event with a body of `length` characters. */
  sendLong(event: string, data: object, length: number): void {
    this.process.tell({ event, data, length });
  }

  /** Sends the event this many times, and asks for no answer. */
  flood(event: string, data: unknown, times: number): void {
    this.process.tell({ event, data, times });
  }

  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  end(): Promise<void> {
    return this.process.end();
  }
}
