import path from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { LogEntry } from './log-entry.js';
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
const FILE = 'events.mdb';
/** lmdb's types lack it: keys only grow, so pages are filled to the brim. */
const AT_THE_END = { append: true } as unknown as number;

/**
 * The log on disk, in LMDB: records by position, positions by stream and revision, states of streams by name.
 * Reads are synchronous and see only what is synced, because LMDB shows a transaction after its meta page is on
 * disk (`overlappingSync` would show it earlier, so it is off).
 */
export class EventLog {
  private readonly root: RootDatabase<Buffer, Buffer>;
  private readonly records: Database<Buffer, number>;
  private readonly index: StreamIndex;
  private readonly streams: Database<Buffer, Buffer>;
  private readonly meta: Database<Buffer, Buffer>;
  private readonly states = new Map<string, StreamState>();
  /** Where the next record goes. */
  nextPosition = FIRST_POSITION;
  nextStreamId = FIRST_STREAM_ID;

  constructor(folder: string) {
    this.root = open<Buffer, Buffer>({
      path: path.join(folder, FILE),
      overlappingSync: false,
      eventTurnBatching: false,
      encoding: 'binary',
      keyEncoding: 'binary',
    });
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
    this.records = this.root.openDB<Buffer, number>({ name: 'records', encoding: 'binary' });
    this.index = new StreamIndex(this.root.openDB<Buffer, Buffer>({ name: 'index', ...binary }));
    this.streams = this.root.openDB<Buffer, Buffer>({ name: 'streams', ...binary });
    this.meta = this.root.openDB<Buffer, Buffer>({ name: 'meta', ...binary });
    const head = this.meta.get(HEAD);
    if (head) {
      this.nextPosition = head.readDoubleBE(0);
      this.nextStreamId = head.readUInt32BE(8);
    }
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
    return position === undefined ? undefined : this.entry(position);
  }

  /** Entries from a position on (backwards: those before it), at most `limit`. */
  readAll(from: number, direction: 'forwards' | 'backwards', limit: number): LogEntry[] {
    const range =
      direction === 'forwards' ? { start: from, limit } : { start: from - 1, end: 0, reverse: true, limit };
    const entries: LogEntry[] = [];
    for (const { key, value } of this.records.getRange(range)) entries.push(new LogEntry(key, value));
    return entries;
  }

  /** Entries of a stream with revisions from `first` to `last`, in the order asked for, at most `limit`. */
  readStream(
    streamId: number,
    first: number,
    last: number,
    direction: 'forwards' | 'backwards',
    limit: number,
  ): LogEntry[] {
    const positions =
      direction === 'forwards'
        ? this.index.forwards(streamId, first, last, limit)
        : this.index.backwards(streamId, first, last, limit);
    const entries: LogEntry[] = [];
    for (const position of positions) {
      const entry = this.entry(position);
      if (entry) entries.push(entry);
    }
    return entries;
  }

  /** Writes all of a group or nothing. Resolves when it is synced to disk. @throws Error if it could not be. */
  async commit(group: CommitGroup): Promise<void> {
    const head = Buffer.allocUnsafe(12);
    head.writeDoubleBE(group.nextPosition, 0);
    head.writeUInt32BE(group.nextStreamId, 8);
    await this.root.batch(() => {
      for (const { position, record } of group.entries) void this.records.put(position, record, AT_THE_END);
      for (const run of group.runs) this.index.put(run);
      for (const [name, state] of group.streams)
        void this.streams.put(streamKey(name), encodeStreamState(state));
      void this.meta.put(HEAD, head);
    });
    this.nextPosition = group.nextPosition;
    this.nextStreamId = group.nextStreamId;
    for (const [name, state] of group.streams) this.remember(name, state);
  }

  async close(): Promise<void> {
    await this.root.close();
  }

  private entry(position: number): LogEntry | undefined {
    const record = this.records.getBinary(position);
    return record && new LogEntry(position, record);
  }

  private remember(name: string, state: StreamState): void {
    if (this.states.size >= CACHED_STREAMS) this.states.delete(this.states.keys().next().value!);
    this.states.set(name, state);
  }
}
