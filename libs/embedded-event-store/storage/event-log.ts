import path from 'node:path';
import type { LogEntry } from './log-entry.js';
import { LogIndex, type Head } from './log-index.js';
import { RecordLog } from './record-log.js';
import { Segments } from './segments.js';
import type { IndexRun } from './stream-index.js';
import type { StreamState } from './stream-state.js';

/** Events and stream states that become part of the log together. */
export interface CommitGroup {
  /** The bytes of the records. */
  readonly chunks: readonly Buffer[];
  readonly entries: readonly LogEntry[];
  readonly runs: readonly IndexRun[];
  readonly streams: ReadonlyMap<string, StreamState>;
  readonly nextPosition: number;
  readonly nextStreamId: number;
}

/** The index is not open, since a commit failed, and can't be opened at this moment. It is tried again each time. */
export class LogUnavailable extends Error {
  override name = 'LogUnavailable';
}

/** Nothing is at position 0, as on the real server, whose log begins with a record of its own. */
const START: Head = { position: 256, streamId: 1 };
const CACHED_STREAMS = 20_000;
const INDEX_FILE = 'index.mdb';

/**
 * The log on disk: records in segment files; in LMDB where the events of a stream are, the states of streams and
 * the head, which is the end of what is committed. A group's records are synced first, then one LMDB transaction
 * commits them; records beyond the head do not exist. Reads are synchronous and see only what is committed.
 */
export class EventLog {
  /** None after a commit that failed, until it could be opened again. */
  private index: LogIndex | undefined;
  private closing = false;
  private readonly segments: Segments;
  private readonly records: RecordLog;
  private readonly states = new Map<string, StreamState>();
  private head = START;

  /** @throws DamagedLog | LogUnavailable */
  constructor(private readonly folder: string) {
    const index = this.openIndex();
    try {
      this.segments = new Segments(folder, START.position, this.head.position);
    } catch (error) {
      void index.close();
      throw error;
    }
    this.records = new RecordLog(this.segments, START.position);
  }

  /** Where the next record goes. */
  get nextPosition(): number {
    return this.head.position;
  }

  get nextStreamId(): number {
    return this.head.streamId;
  }

  streamState(name: string): StreamState | undefined {
    const cached = this.states.get(name);
    if (cached) return cached;
    const stored = this.openIndex().streamState(name);
    if (stored) this.remember(name, stored);
    return stored;
  }

  /** The entry of a stream's revision. */
  entryAt(streamId: number, revision: number): LogEntry | undefined {
    const position = this.openIndex().runs.positionOf(streamId, revision);
    return position === undefined ? undefined : this.records.at(position, this.nextPosition);
  }

  /** Whether `$all` can be read from this position: a record begins there, or it is before or after all. */
  isReadable(position: number): boolean {
    return (
      position <= START.position ||
      position >= this.nextPosition ||
      this.records.isRecord(position, this.nextPosition)
    );
  }

  /** Position of the entry after the one at a readable position. */
  after(position: number): number {
    if (position < START.position) return START.position;
    return position >= this.nextPosition ? position : this.records.at(position, this.nextPosition).next;
  }

  /** Entries from a readable position on (backwards: those before it), at most `limit`. */
  readAll(from: number, direction: 'forwards' | 'backwards', limit: number): LogEntry[] {
    return direction === 'forwards'
      ? this.records.forwards(from, this.nextPosition, limit)
      : this.records.backwards(Math.min(from, this.nextPosition), this.nextPosition, limit);
  }

  /** Entries of a stream with revisions from `first` to `last`, in the order asked for, at most `limit`. */
  readStream(
    streamId: number,
    first: number,
    last: number,
    direction: 'forwards' | 'backwards',
    limit: number,
  ): LogEntry[] {
    if (direction === 'forwards')
      return this.records.many(
        this.openIndex().runs.forwards(streamId, first, last, limit),
        this.nextPosition,
      );
    const positions = this.openIndex().runs.backwards(streamId, first, last, limit).toReversed();
    return this.records.many(positions, this.nextPosition).toReversed();
  }

  /**
   * Writes all of a group or nothing. Resolves when it is synced to disk. @throws Error if it could not be, or if
   * that is not sure; `nextPosition` tells once the log can be read again
   */
  async commit(group: CommitGroup): Promise<void> {
    const index = this.openIndex();
    await this.segments.append(group.chunks, this.nextPosition);
    const head = { position: group.nextPosition, streamId: group.nextStreamId };
    try {
      await index.commit(head, group.runs, group.streams);
    } catch (error) {
      await this.closeIndex();
      throw error;
    }
    this.head = head;
    for (const [name, state] of group.streams) this.remember(name, state);
  }

  /** Makes sure that the log can be read; `nextPosition` then is what is on disk. @throws LogUnavailable */
  recover(): void {
    this.openIndex();
  }

  async close(): Promise<void> {
    await this.closeIndex();
    this.segments.close();
  }

  /**
   * The index, opened again if a commit has failed, for LMDB takes no transaction after one whose end could not be
   * written. What is on disk then is what is committed, be it the failed group or not. @throws LogUnavailable
   */
  private openIndex(): LogIndex {
    if (this.index) return this.index;
    if (this.closing) throw new LogUnavailable('The index is being closed');
    try {
      const index = new LogIndex(path.join(this.folder, INDEX_FILE));
      this.head = index.head() ?? START;
      this.states.clear();
      return (this.index = index);
    } catch (error) {
      throw new LogUnavailable(`The index can't be opened: ${(error as Error).message}`, { cause: error });
    }
  }

  private async closeIndex(): Promise<void> {
    const { index } = this;
    this.index = undefined;
    this.states.clear();
    this.closing = true;
    await index?.close();
    this.closing = false;
  }

  private remember(name: string, state: StreamState): void {
    if (this.states.size >= CACHED_STREAMS) this.states.clear();
    this.states.set(name, state);
  }
}
