import type { Json } from '#libs/domain/json.js';
import { WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Cancel, Clock } from '#libs/platform/clock.js';
import type { CursorMap } from '#libs/protocol/requests/cursor-map.js';

/** A consumer's cursors as they are stored, and the revision at which they are. */
export type StoredCursors = Readonly<{ cursors: CursorMap; revision: number | 'no_stream' }>;

/** One consumer's cursors on disk. Other gateways may write them, too. */
export interface CursorStore {
  /** @throws StoreUnavailable */
  read(): Promise<StoredCursors>;
  /**
   * Writes the whole map; resolves with its revision once it is on disk.
   * @throws StoreUnavailable | WrongExpectedRevision when it is not what it was when last read or written
   */
  write(cursors: CursorMap, expected: StoredCursors['revision']): Promise<number>;
}

const WRITE_INTERVAL_MS = 1_000;
const RETRY_MS = 1_000;

/**
 * One consumer's cursors while it is connected. Writes are coalesced to one a second; the newest map wins. What was
 * set but not written when the process dies is replayed to the bot, never lost.
 *
 * A consumer may have moved to another gateway while the connection here still seems to stand. So a write names the
 * revision it follows: what is stored never goes back because of one that comes late.
 */
export class CursorKeeper {
  private cursors: Record<string, number>;
  private revision: StoredCursors['revision'];
  private version = 0;
  private written = 0;
  /** Channels whose cursor was put somewhere or dropped, and not only moved forward, with the version as of which. */
  private readonly decided = new Map<string, number>();
  private writing: Promise<void> | undefined;
  private cancelWrite: Cancel | undefined;
  private lastWrite = -Infinity;
  private waiting: { version: number; resolve: () => void }[] = [];
  private closed = false;

  constructor(
    stored: StoredCursors,
    private readonly store: CursorStore,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    this.cursors = { ...stored.cursors };
    this.revision = stored.revision;
  }

  get(channel: string): number | undefined {
    return Object.hasOwn(this.cursors, channel) ? this.cursors[channel] : undefined;
  }

  /** Puts a cursor somewhere, forward or back: the bot said so. */
  set(channel: string, seq: number): void {
    if (this.get(channel) === seq) return;
    this.cursors[channel] = seq;
    this.changed();
    this.decided.set(channel, this.version);
  }

  /** Moves a cursor forward; a smaller seq changes nothing. */
  advance(channel: string, seq: number): void {
    if (seq <= (this.get(channel) ?? -1)) return;
    this.cursors[channel] = seq;
    this.changed();
  }

  drop(channel: string): void {
    if (this.get(channel) === undefined) return;
    delete this.cursors[channel];
    this.changed();
    this.decided.set(channel, this.version);
  }

  /** Resolves once everything set so far is stored. */
  stored(): Promise<void> {
    const version = this.version;
    if (this.written >= version) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ version, resolve }));
  }

  /** Takes in what other gateways have stored meanwhile. @throws StoreUnavailable */
  async refresh(): Promise<void> {
    const { cursors, revision } = await this.store.read();
    if (revision === this.revision) return;
    this.revision = revision;
    for (const [channel, seq] of Object.entries(cursors)) {
      if (!this.decided.has(channel)) this.cursors[channel] = Math.max(seq, this.get(channel) ?? -1);
    }
  }

  /**
   * Writes what is left, once; a store that is away costs the consumer a longer backlog, nothing else. If another gateway
   * has written meanwhile, the consumer is there now, and what is left here is given up.
   */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelWrite?.();
    await this.writing;
    if (this.written < this.version) await this.flush();
  }

  private changed(): void {
    this.version += 1;
    this.schedule();
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
    try {
      await this.write(this.version);
    } catch (error) {
      if (error instanceof WrongExpectedRevision && !this.closed && (await this.isRefreshed())) return;
      // The store is away; the next attempt writes the newest map.
      this.lastWrite = this.clock.elapsed() + RETRY_MS - WRITE_INTERVAL_MS;
    }
  }

  private async write(version: number): Promise<void> {
    this.revision = await this.store.write({ ...this.cursors }, this.revision);
    this.lastWrite = this.clock.elapsed();
    this.written = version;
    for (const [channel, since] of this.decided) if (since <= version) this.decided.delete(channel);
    for (const { resolve } of this.waiting.filter((one) => one.version <= version)) resolve();
    this.waiting = this.waiting.filter((one) => one.version > version);
  }

  private isRefreshed(): Promise<boolean> {
    return this.refresh().then(
      () => true,
      () => false,
    );
  }
}

/** The cursor map inside a `CursorAdvanced` payload. */
export const cursorsOf = (data: Json): CursorMap => (data as { cursors: CursorMap }).cursors;
