import type { Json } from '#libs/domain/json.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Cancel, Clock } from '#libs/platform/clock.js';
import type { CursorMap } from '#libs/protocol/requests/cursor-map.js';

/** Writes a consumer's whole cursor map; resolves once it is on disk. */
export type WriteCursors = (cursors: CursorMap) => Promise<void>;

const WRITE_INTERVAL_MS = 1_000;
const RETRY_MS = 1_000;

/**
 * One consumer's cursors while it is connected. Writes are coalesced to one a second; the newest map wins. What was
 * set but not written when the process dies is replayed to the bot, never lost.
 */
export class CursorKeeper {
  private cursors: Record<string, number>;
  private version = 0;
  private written = 0;
  private writing: Promise<void> | undefined;
  private cancelWrite: Cancel | undefined;
  private lastWrite = -Infinity;
  private waiting: { version: number; resolve: () => void }[] = [];
  private closed = false;

  constructor(
    stored: CursorMap,
    private readonly write: WriteCursors,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    this.cursors = { ...stored };
  }

  get(channel: string): number | undefined {
    return Object.hasOwn(this.cursors, channel) ? this.cursors[channel] : undefined;
  }

  /** Puts a cursor somewhere, forward or back: the bot said so. */
  set(channel: string, seq: number): void {
    if (this.get(channel) === seq) return;
    this.cursors[channel] = seq;
    this.version += 1;
    this.schedule();
  }

  /** Moves a cursor forward; a smaller seq changes nothing. */
  advance(channel: string, seq: number): void {
    if (seq > (this.get(channel) ?? -1)) this.set(channel, seq);
  }

  drop(channel: string): void {
    if (this.get(channel) === undefined) return;
    delete this.cursors[channel];
    this.version += 1;
    this.schedule();
  }

  /** Resolves once everything set so far is stored. */
  stored(): Promise<void> {
    const version = this.version;
    if (this.written >= version) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ version, resolve }));
  }

  /** Writes what is left, once; a store that is away costs the consumer a longer backlog, nothing else. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelWrite?.();
    await this.writing;
    if (this.written < this.version) await this.flush();
  }

  private schedule(): void {
    if (this.cancelWrite !== undefined || this.writing || this.closed) return;
    const wait = Math.max(0, this.lastWrite + WRITE_INTERVAL_MS - this.clock.elapsed());
    this.cancelWrite = this.clock.after(wait, () => {
      this.cancelWrite = undefined;
      this.writing = this.flush().finally(() => {
        this.writing = undefined;
        if (this.written < this.version) this.schedule();
      });
    });
  }

  private async flush(): Promise<void> {
    const version = this.version;
    try {
      await this.write({ ...this.cursors });
      this.lastWrite = this.clock.elapsed();
      this.written = version;
      for (const { resolve } of this.waiting.filter((one) => one.version <= version)) resolve();
      this.waiting = this.waiting.filter((one) => one.version > version);
    } catch {
      // The store is away; the next attempt writes the newest map.
      this.lastWrite = this.clock.elapsed() + RETRY_MS - WRITE_INTERVAL_MS;
    }
  }
}

/** The cursor map inside a `CursorAdvanced` payload. */
export const cursorsOf = (data: Json): CursorMap => (data as { cursors: CursorMap }).cursors;
