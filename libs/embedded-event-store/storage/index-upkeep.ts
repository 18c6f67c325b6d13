import path from 'node:path';
import { searchIndex, type IndexedPart } from './index-search.js';
import { noteDamage, noteSum } from './index-sum.js';
import { isFaultOfFile } from './lmdb-trouble.js';
import { LogIndex, damageWords, type CommitFailed, type Head } from './log-index.js';
import type { IndexChanges } from './index-changes.js';
import { requireRoom } from './room.js';
import { newStream, type StreamState } from './stream-state.js';
import { Unindexed } from './unindexed.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel } from '#libs/time/clock.js';

/** Reports that the index can't be opened at this moment. Every call tries again. */
export class LogUnavailable extends Error {
  override name = 'LogUnavailable';
}

/** Milliseconds that the index may lag behind the log. A start after a crash has to read that part again. */
const LAG_MS = 250;
const RETRY_MS = 1_000;
/**
 * Numbers of unindexed events: from `SOON` on the index is updated at once, and from `MOST` on the log waits for it.
 */
const SOON = 20_000;
const MOST = 200_000;
const CACHED_STREAMS = 20_000;

/**
 * Keeps the index up to date behind the log. An append does not wait for LMDB, which needs two syncs of its own.
 * Changes that LMDB does not hold yet are in memory, so reads see the whole log; after a crash they are read from the
 * log again.
 */
export class IndexUpkeep {
  /** Undefined after a failed commit, until it could be opened again. */
  private index: LogIndex | undefined;
  private readonly unindexed = new Unindexed();
  private readonly states = new Map<string, StreamState>();
  private head: Head | undefined;
  private flushing: Promise<void> | undefined;
  private cancelFlush: Cancel | undefined;
  private closingIndex = false;
  private closed = false;
  /** Whether the index is not what was written, so that the next start has to look at it. */
  private isDamaged = false;
  /** Whether the last commit failed because of what is in the file. */
  private failedByFile = false;

  /** @throws LogUnavailable */
  constructor(
    private readonly file: string,
    /** Called when the index turns out not to be what was written. */
    private readonly damaged: (reason: string) => void = () => {},
  ) {
    this.head = this.opened().head();
  }

  /** The end of the log as the index held it when it was opened; undefined if the index is new. */
  get indexed(): Head | undefined {
    return this.head;
  }

  /** Whether so much is not indexed that the next group has to wait for `flush`. */
  get isBehind(): boolean {
    return this.unindexed.size >= MOST;
  }

  /** Adds changes that were committed to the log, which now ends at `head`. */
  addChanges(changes: IndexChanges, head: Head): void {
    this.unindexed.addChanges(changes);
    this.head = head;
    for (const [name, state] of changes.streams) this.remember(name, state);
    if (this.unindexed.size < SOON) this.schedule(LAG_MS);
    else if (!this.flushing) this.flushOrRetry();
  }

  /** @throws LogUnavailable */
  streamState(name: string): StreamState | undefined {
    const known = this.unindexed.streamState(name) ?? this.states.get(name);
    if (known) return known;
    const stored = this.opened().streamState(name);
    if (stored) this.remember(name, stored);
    return stored;
  }

  /**
   * Returns the positions of a stream's events from `first` to `last`, ascending, at most `limit`. @throws
   * LogUnavailable
   */
  forwards(streamId: number, first: number, last: number, limit: number): number[] {
    const border = this.unindexed.firstOf(streamId);
    const positions =
      first < border ? this.opened().runs.forwards(streamId, first, Math.min(last, border - 1), limit) : [];
    const from = first + positions.length;
    return [...positions, ...this.unindexed.positions(streamId, from, Math.min(last, first + limit - 1))];
  }

  /** Returns the positions of the events from `last` down to `first`, at most `limit`. @throws LogUnavailable */
  backwards(streamId: number, first: number, last: number, limit: number): number[] {
    const border = this.unindexed.firstOf(streamId);
    const newest = this.unindexed.positions(streamId, Math.max(first, last - limit + 1), last).toReversed();
    const left = limit - newest.length;
    if (left === 0 || first >= border) return newest;
    return [...newest, ...this.opened().runs.backwards(streamId, first, Math.min(last, border - 1), left)];
  }

  /**
   * Searches the whole index for the events of a part of the log. @throws Error if it can't be written or read
   */
  async eventsOfPart(low: number, high: number): Promise<IndexedPart> {
    await this.flush();
    return searchIndex(() => this.opened(), low, high);
  }

  /** Brings the index up to date with the log. @throws Error if it can't be written */
  async flush(): Promise<void> {
    while (this.flushing) await this.flushing;
    if (this.unindexed.isEmpty) return;
    this.flushing = this.write().finally(() => (this.flushing = undefined));
    await this.flushing;
  }

  /**
   * Writes what is left and closes the index. Changes that can't be written are read from the log at the next start.
   */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelFlush?.();
    await this.flush().catch(() => undefined);
    await this.closeIndex();
    if (!this.isDamaged) noteSum(this.file);
  }

  /**
   * Reports that the index has not the events of a stream that it should have.
   * @throws DamagedIndex
   */
  refuseMissing(streamId: number, revision: number): never {
    return this.opened().refuse(`it has no place of event ${revision} of stream ${streamId}`);
  }

  /** Looks for an event of the log in the index. @throws DamagedIndex if its stream is not there or ends before it */
  requireEvent({ stream, revision }: Readonly<{ stream: string; revision: number }>): void {
    if (this.unindexed.streamState(stream)) return;
    const index = this.opened();
    const { lastRevision, tombstoned } = index.streamState(stream) ?? newStream(0);
    if (!tombstoned && lastRevision < revision) index.refuse(`it has no event ${revision} of "${stream}"`);
  }

  /** Starts over with an empty index. @throws LogUnavailable */
  forget(): void {
    this.opened().clear();
    this.head = undefined;
    this.states.clear();
  }

  /** Closes the index without writing anything. */
  async discard(): Promise<void> {
    this.closed = true;
    this.cancelFlush?.();
    await this.closeIndex();
  }

  private async write(): Promise<void> {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    requireRoom(path.dirname(this.file));
    const index = this.opened();
    const batch = this.unindexed.batch();
    try {
      await index.commit(this.head!, batch.runs, batch.streams);
    } catch (error) {
      await this.closeIndex();
      this.noteFailedCommit((error as CommitFailed).reason);
      throw error;
    }
    this.failedByFile = false;
    this.unindexed.drop(batch);
    if (!this.unindexed.isEmpty) this.schedule(LAG_MS);
  }

  /**
   * Reports the second failure in a row that is the file's. The first may be what a failed write has left in LMDB's
   * memory, which ends when the file is opened again.
   */
  private noteFailedCommit(reason: unknown): void {
    const isOfFile = isFaultOfFile(reason);
    if (isOfFile && this.failedByFile) this.report(damageWords((reason as Error).message));
    this.failedByFile = isOfFile;
  }

  private report(reason: string): void {
    this.isDamaged = true;
    noteDamage(this.file);
    this.damaged(reason);
  }

  private flushOrRetry(): void {
    this.flush().catch(() => this.schedule(RETRY_MS));
  }

  private schedule(ms: number): void {
    if (this.closed) return;
    this.cancelFlush ??= SYSTEM_CLOCK.after(ms, () => {
      this.cancelFlush = undefined;
      this.flushOrRetry();
    });
  }

  /**
   * Returns the index, opened again after a failed commit, because LMDB accepts no transaction after one whose end
   * could not be written.
   */
  private opened(): LogIndex {
    if (this.index) return this.index;
    if (this.closingIndex || this.closed) throw new LogUnavailable('The index is being closed');
    try {
      return (this.index = new LogIndex(this.file, (reason) => this.report(reason)));
    } catch (error) {
      if (isFaultOfFile(error)) this.report(damageWords((error as Error).message));
      throw new LogUnavailable(`The index can't be opened: ${(error as Error).message}`, { cause: error });
    }
  }

  private async closeIndex(): Promise<void> {
    const { index } = this;
    this.index = undefined;
    this.closingIndex = true;
    await index?.close();
    this.closingIndex = false;
  }

  private remember(name: string, state: StreamState): void {
    if (this.states.size >= CACHED_STREAMS) this.states.clear();
    this.states.set(name, state);
  }
}
