import type { CursorAdvanced } from '#libs/domain/cursor/cursor.events.js';
import type { Json } from '#libs/domain/json.js';
import { WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel, Clock } from '#libs/time/clock.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { CursorMap } from '#libs/protocol/requests/cursor-map.js';

const WRITE = new Boundary('bots.cursor');

/**
 * The cursors of a consumer. `epoch` identifies the connection that set them; a newer connection has a higher
 * epoch. `since` names, for each channel, the membership that its cursor belongs to, by the seq after which
 * the membership began.
 */
export type Cursors = Readonly<{ cursors: CursorMap; epoch: number; since?: CursorMap }>;

/** The cursors of a consumer, with the revision at which they are stored. */
export type StoredCursors = Cursors & Readonly<{ revision: number | 'no_stream' }>;

/** Stores the cursors of one consumer. Other gateways may write them as well. */
export interface CursorStore {
  /** @throws StoreUnavailable */
  read(): Promise<StoredCursors>;
  /**
   * Writes all cursors. Resolves with the revision once they are on disk.
   *
   * @throws StoreUnavailable
   * @throws WrongExpectedRevision when the revision is no longer the one last read or written
   */
  write(cursors: Cursors, expected: StoredCursors['revision']): Promise<number>;
}

const WRITE_INTERVAL_MS = 1_000;
const RETRY_MS = 1_000;

/**
 * Keeps the cursors of one consumer while it is connected. Changes are combined into one write per second,
 * and the newest cursors are written. If the process crashes, cursors that were set but not written cause
 * messages to be sent to the bot again; no message is lost.
 *
 * A consumer may have moved to another gateway while its connection here still seems to be open. Therefore a
 * write names the revision that it follows, so that a late write never moves stored cursors back. A late
 * write does not move them forward either: when a newer connection has written at another gateway, its epoch
 * is higher, and everything that this connection still sets is void.
 */
export class CursorKeeper {
  private cursors: Record<string, number>;
  private since: Record<string, number>;
  private epoch: number;
  private revision: StoredCursors['revision'];
  private version = 0;
  private written = 0;
  /**
   * Channels whose cursor was set or dropped, and not only moved forward, with the version of that change.
   * Created when first needed, because most cursors only move forward.
   */
  private decided: Map<string, number> | undefined;
  private writing: Promise<void> | undefined;
  private cancelWrite: Cancel | undefined;
  private lastWrite = -Infinity;
  private waiting: { version: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  private closed = false;
  /** Whether a newer connection at another gateway has written. */
  private overridden = false;

  constructor(
    stored: StoredCursors,
    private readonly store: CursorStore,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    this.cursors = { ...stored.cursors };
    this.since = { ...stored.since };
    this.epoch = stored.epoch;
    this.revision = stored.revision;
  }

  /** Returns the cursor of a channel, or undefined if the consumer has none. */
  get(channel: string): number | undefined {
    return Object.hasOwn(this.cursors, channel) ? this.cursors[channel] : undefined;
  }

  /**
   * Notes that the bot's current membership of a channel began after this seq. A cursor of an earlier
   * membership is void, even if this consumer was away when that membership ended.
   */
  noteMembership(channel: string, since: number): void {
    if (Object.hasOwn(this.since, channel) && this.since[channel] !== since) this.drop(channel);
    if (!this.overridden) this.since[channel] = since;
  }

  /**
   * Starts a new connection, the only one whose cursors count from now on. The cursors that it names itself
   * override the stored ones, forward or back.
   */
  takeOver(said: readonly Readonly<{ channel: string; cursor: number }>[]): void {
    this.overridden = false;
    // The epoch follows the clock. If two connections on two gateways saw the same epoch, the newer one thus
    // gets the higher epoch.
    this.epoch = Math.max(this.epoch + 1, Math.floor(this.clock.now()));
    for (const { channel, cursor } of said) {
      this.cursors[channel] = cursor;
      this.decide(channel);
    }
  }

  /** Sets a cursor, forward or back, because the bot asked for it. */
  set(channel: string, seq: number): void {
    if (this.overridden) return;
    delete this.since[channel]; // the cursor now belongs to whatever membership there is
    if (this.get(channel) === seq) return;
    this.cursors[channel] = seq;
    this.decide(channel);
  }

  /** Moves a cursor forward. A smaller seq changes nothing. */
  advance(channel: string, seq: number): void {
    if (this.overridden || seq <= (this.get(channel) ?? -1)) return;
    this.cursors[channel] = seq;
    this.changed();
  }

  /** Removes the cursor of a channel, because the bot's membership has ended. */
  drop(channel: string): void {
    if (this.overridden) return;
    delete this.since[channel];
    if (this.get(channel) === undefined) return;
    delete this.cursors[channel];
    this.decide(channel);
  }

  /**
   * Resolves once everything set so far is stored.
   *
   * @throws RequestError `superseded` when a newer connection has taken over, so that it will not be stored
   */
  stored(): Promise<void> {
    const version = this.version;
    if (this.overridden) return Promise.reject(superseded());
    if (this.written >= version) return Promise.resolve();
    return new Promise((resolve, reject) => this.waiting.push({ version, resolve, reject }));
  }

  /**
   * Reads what other gateways have stored in the meantime.
   *
   * @throws StoreUnavailable
   */
  async refresh(): Promise<void> {
    const { revision, ...stored } = await this.store.read();
    if (revision === this.revision) return;
    this.revision = revision;
    if (stored.epoch > this.epoch) {
      this.yieldTo(stored);
      return;
    }
    this.since = { ...stored.since, ...this.since };
    const { cursors } = stored;
    for (const [channel, seq] of Object.entries(cursors)) {
      if (!this.decided?.has(channel)) this.cursors[channel] = Math.max(seq, this.get(channel) ?? -1);
    }
  }

  /**
   * Writes what is left, once. If the store is unreachable, the consumer only gets a longer backlog. If
   * another gateway has written in the meantime, the cursors that were acknowledged here are dropped, but not
   * those that the consumer set itself.
   */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelWrite?.();
    await this.writing;
    if (this.written < this.version) await this.flush();
  }

  private yieldTo({ cursors, epoch, since }: Cursors): void {
    this.overridden = true;
    this.cursors = { ...cursors };
    this.since = { ...since };
    this.epoch = epoch;
    this.decided = undefined;
    this.written = this.version;
    for (const { reject } of this.waiting.splice(0)) reject(superseded());
  }

  private decide(channel: string): void {
    this.changed();
    this.decided = (this.decided ?? new Map<string, number>()).set(channel, this.version);
  }

  private changed(): void {
    this.version += 1;
    this.schedule();
  }

  private schedule(): void {
    if (this.cancelWrite !== undefined || this.writing || this.closed) return;
    const wait = Math.max(0, this.lastWrite + WRITE_INTERVAL_MS - this.clock.elapsed());
    const write = (): void => {
      this.cancelWrite = undefined;
      this.writing = this.flush().finally(() => {
        this.writing = undefined;
        if (this.written < this.version) this.schedule();
      });
    };
    const again = (): void => {
      this.cancelWrite = undefined;
      this.lastWrite = this.clock.elapsed();
      this.schedule();
    };
    this.cancelWrite = this.clock.after(wait, WRITE.guard(write, again));
  }

  private async flush(): Promise<void> {
    try {
      await this.write(this.version);
    } catch (error) {
      const conflict = error instanceof WrongExpectedRevision && (!this.closed || this.decided !== undefined);
      if (conflict && (await this.isRefreshed())) {
        if (this.closed && this.written < this.version) await this.flush();
        return;
      }
      // The store is unreachable. The next attempt writes the newest cursors.
      this.lastWrite = this.clock.elapsed() + RETRY_MS - WRITE_INTERVAL_MS;
    }
  }

  private async write(version: number): Promise<void> {
    const { epoch, cursors } = this;
    const since = Object.fromEntries(
      Object.entries(this.since).filter(([channel]) => Object.hasOwn(cursors, channel)),
    );
    const named = Object.keys(since).length > 0 && { since };
    this.revision = await this.store.write({ cursors: { ...cursors }, epoch, ...named }, this.revision);
    this.lastWrite = this.clock.elapsed();
    this.written = version;
    this.forgetDecided(version);
    for (const { resolve } of this.waiting.filter((one) => one.version <= version)) resolve();
    this.waiting = this.waiting.filter((one) => one.version > version);
  }

  private forgetDecided(version: number): void {
    for (const [channel, since] of this.decided ?? []) if (since <= version) this.decided?.delete(channel);
    if (this.decided?.size === 0) this.decided = undefined;
  }

  private isRefreshed(): Promise<boolean> {
    return this.refresh().then(
      () => true,
      () => false,
    );
  }
}

const superseded = (): RequestError =>
  new RequestError('superseded', 'A newer connection of this consumer took over');

/** Returns the cursors in the payload of a `CursorAdvanced` event. */
export const cursorsOf = (data: Json): Cursors => {
  const { cursors, epoch = 0, since } = data as CursorAdvanced['data'];
  return { cursors, epoch, ...(since && { since }) };
};
