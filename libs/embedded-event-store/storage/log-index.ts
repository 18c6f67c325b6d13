import { closeSync, constants, openSync } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';
import { StreamIndex, type IndexRun } from './stream-index.js';
import { decodeStreamState, encodeStreamState, streamKey, type StreamState } from './stream-state.js';

/** An end of the log. */
export interface Head {
  /** Where the next record goes. */
  readonly position: number;
  /** What the next new stream is called in the index. */
  readonly streamId: number;
  /** Of the last record; 0 before the first. */
  readonly checksum: number;
}

const HEAD = Buffer.from('head');
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** What LMDB holds: where the events of a stream are, the states of streams, and up to where that is the log. */
export class LogIndex {
  readonly runs: StreamIndex;
  private readonly root: RootDatabase<Buffer, Buffer>;
  private readonly streams: Database<Buffer, Buffer>;
  private readonly meta: Database<Buffer, Buffer>;

  /** @throws Error if the file can't be opened, or is none of LMDB's */
  constructor(file: string) {
    checkCanBeOpened(file);
    // A transaction is seen only after its sync; with overlappingSync it would be seen before.
    this.root = open<Buffer, Buffer>({
      path: file,
      overlappingSync: false,
      eventTurnBatching: false,
      ...BINARY,
    });
    this.runs = new StreamIndex(this.root.openDB<Buffer, Buffer>({ name: 'index', ...BINARY }));
    this.streams = this.root.openDB<Buffer, Buffer>({ name: 'streams', ...BINARY });
    this.meta = this.root.openDB<Buffer, Buffer>({ name: 'meta', ...BINARY });
  }

  /** Undefined in a new index. */
  head(): Head | undefined {
    const head = this.meta.get(HEAD);
    return (
      head && {
        position: head.readDoubleBE(0),
        streamId: head.readUInt32BE(8),
        checksum: head.readUInt32BE(12),
      }
    );
  }

  streamState(name: string): StreamState | undefined {
    const stored = this.streams.get(streamKey(name));
    return stored && decodeStreamState(stored);
  }

  /** Resolves when all of it is synced. @throws Error; then the index has to be opened again */
  async commit(
    head: Head,
    runs: readonly IndexRun[],
    streams: ReadonlyMap<string, StreamState>,
  ): Promise<void> {
    const bytes = Buffer.allocUnsafe(16);
    bytes.writeDoubleBE(head.position, 0);
    bytes.writeUInt32BE(head.streamId, 8);
    bytes.writeUInt32BE(head.checksum, 12);
    try {
      await this.root.batch(() => {
        for (const run of runs) this.runs.put(run);
        for (const [name, state] of streams) void this.streams.put(streamKey(name), encodeStreamState(state));
        void this.meta.put(HEAD, bytes);
      });
    } catch (error) {
      // lmdb tells the cause by a second promise, whose rejection nobody but us would handle.
      await (error as { commitError?: Promise<unknown> }).commitError?.catch(() => {});
      throw new Error('The index could not be written', { cause: error });
    }
  }

  /** Empties it, at once. */
  clear(): void {
    this.root.transactionSync(() => {
      this.runs.clear();
      this.streams.clearSync();
      this.meta.clearSync();
    });
  }

  async close(): Promise<void> {
    await this.root.close();
  }
}

/** Handles LMDB takes for one environment. */
const LMDB_HANDLES = 4;

/** LMDB's binding ends the process with SIGSEGV when it can't open a file, so that is found out before. */
const checkCanBeOpened = (file: string): void => {
  const handles: number[] = [];
  try {
    while (handles.length < LMDB_HANDLES)
      handles.push(openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600));
  } finally {
    for (const handle of handles) closeSync(handle);
  }
};
