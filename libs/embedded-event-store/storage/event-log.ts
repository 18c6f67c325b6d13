import path from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import type { LogEntry } from './log-entry.js';
import { RecordLog } from './record-log.js';
import { Segments } from './segments.js';
import { StreamIndex, type IndexRun } from './stream-index.js';
import { decodeStreamState, encodeStreamState, streamKey, type StreamState } from './stream-state.js';

/** Events and stream states that become part of the log together. */
export interface CommitGroup {
  readonly entries: readonly LogEntry[];
  readonly runs: readonly IndexRun[];
  readonly streams: ReadonlyMap<string, StreamState>;
  readonly nextPosition: number;
  readonly nextStreamId: number;
}

/** Nothing is at position 0, as on the real server, whose log begins with a record of its own. */
const FIRST_POSITION = 256;
const FIRST_STREAM_ID = 1;
const CACHED_STREAMS = 20_000;
const HEAD = Buffer.from('head');
const INDEX_FILE = 'index.mdb';

/**
 * The log on disk: records in segment files; in LMDB where the events of a stream are, the states of streams and
 * the head, which is the end of what is committed. A group's records are synced first, then one LMDB transaction
 * commits them; records beyond the head do not exist. Reads are synchronous and see only what is committed.
 */
export class EventLog {
  private readonly root: RootDatabase<Buffer, Buffer>;
  private readonly index: StreamIndex;
  private readonly streams: Database<Buffer, Buffer>;
  private readonly meta: Database<Buffer, Buffer>;
  private readonly segments: Segments;
  private readonly records: RecordLog;
  private readonly states = new Map<string, StreamState>();
  private head = FIRST_POSITION;
  private nextId = FIRST_STREAM_ID;

  /** @throws DamagedLog */
  constructor(folder: string) {
    // A transaction is seen only after its sync; with overlappingSync it would be seen before.
    this.root = open<Buffer, Buffer>({
      path: path.join(folder, INDEX_FILE),
      overlappingSync: false,
      eventTurnBatching: false,
      encoding: 'binary',
      keyEncoding: 'binary',
    });
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
    this.index = new StreamIndex(this.root.openDB<Buffer, Buffer>({ name: 'index', ...binary }));
    this.streams = this.root.openDB<Buffer, Buffer>({ name: 'streams', ...binary });
    this.meta = this.root.openDB<Buffer, Buffer>({ name: 'meta', ...binary });
    const head = this.meta.get(HEAD);
    if (head) {
      this.head = head.readDoubleBE(0);
      this.nextId = head.readUInt32BE(8);
    }
    try {
      this.segments = new Segments(folder, FIRST_POSITION, this.head);
    } catch (error) {
      void this.root.close();
      throw error;
    }
    this.records = new RecordLog(this.segments, FIRST_POSITION);
  }

  /** Where the next record goes. */
  get nextPosition(): number {
    return this.head;
  }

  get nextStreamId(): number {
    return this.nextId;
  }

  streamState(name: string): StreamState | undefined {
    const cached = this.states.get(name);
    if (cached) return cached;
    const stored = this.streams.get(streamKey(name));
    if (!stored) return undefined;
    const state = decodeStreamState(stored);
    this.remember(name, state);
    return state;
  }

  /** The entry of a stream's revision. */
  entryAt(streamId: number, revision: number): LogEntry | undefined {
    const position = this.index.positionOf(streamId, revision);
    return position === undefined ? undefined : this.records.at(position, this.head);
  }

  /** Whether `$all` can be read from this position: a record begins there, or it is before or after all. */
  isReadable(position: number): boolean {
    return position <= FIRST_POSITION || position >= this.head || this.records.isRecord(position, this.head);
  }

  /** Position of the entry after the one at a readable position. */
  after(position: number): number {
    if (position < FIRST_POSITION) return FIRST_POSITION;
    return position >= this.head ? position : this.records.at(position, this.head).next;
  }

  /** Entries from a readable position on (backwards: those before it), at most `limit`. */
  readAll(from: number, direction: 'forwards' | 'backwards', limit: number): LogEntry[] {
    return direction === 'forwards'
      ? this.records.forwards(from, this.head, limit)
      : this.records.backwards(Math.min(from, this.head), this.head, limit);
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
      return this.records.many(this.index.forwards(streamId, first, last, limit), this.head);
    const positions = this.index.backwards(streamId, first, last, limit).toReversed();
    return this.records.many(positions, this.head).toReversed();
  }

  /** Writes all of a group or nothing. Resolves when it is synced to disk. @throws Error if it could not be. */
  async commit(group: CommitGroup): Promise<void> {
    await this.records.append(group.entries);
    const head = Buffer.allocUnsafe(12);
    head.writeDoubleBE(group.nextPosition, 0);
    head.writeUInt32BE(group.nextStreamId, 8);
    await this.commitIndex(group, head);
    this.head = group.nextPosition;
    this.nextId = group.nextStreamId;
    for (const [name, state] of group.streams) this.remember(name, state);
  }

  private async commitIndex(group: CommitGroup, head: Buffer): Promise<void> {
    try {
      await this.root.batch(() => {
        for (const run of group.runs) this.index.put(run);
        for (const [name, state] of group.streams)
          void this.streams.put(streamKey(name), encodeStreamState(state));
        void this.meta.put(HEAD, head);
      });
    } catch (error) {
      // lmdb tells the cause by a second promise, whose rejection nobody but us would handle.
      await (error as { commitError?: Promise<unknown> }).commitError?.catch(() => {});
      throw new Error('The index could not be written', { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.root.close();
    this.segments.close();
  }

  private remember(name: string, state: StreamState): void {
    if (this.states.size >= CACHED_STREAMS) this.states.clear();
    this.states.set(name, state);
  }
}
