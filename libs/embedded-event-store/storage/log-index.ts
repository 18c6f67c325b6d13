import { closeSync, constants, openSync } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';
import { isFaultOfFile } from './lmdb-trouble.js';
import { sealValue, unsealValue } from './sealed-value.js';
import { StreamIndex, type IndexRun } from './stream-index.js';
import {
  decodeStreamState,
  encodeStreamState,
  nameOfKey,
  streamKey,
  type StreamState,
} from './stream-state.js';

/** Describes an end of the log. */
export interface Head {
  /** Position of the next record. */
  readonly position: number;
  /** Id that the index gives to the next new stream. */
  readonly streamId: number;
  /** Checksum of the last record; 0 before the first. */
  readonly checksum: number;
}

/** Reports that the index contains something other than what was written. */
export class DamagedIndex extends Error {
  override name = 'DamagedIndex';
}

/** Reports that a commit failed; the index then has to be opened again. */
export class CommitFailed extends Error {
  override name = 'CommitFailed';

  constructor(
    /** What LMDB says. */
    readonly reason: unknown,
    options: ErrorOptions,
  ) {
    super('The index could not be written', options);
  }
}

/** Returns why a commit failed. lmdb reports it by a second promise, whose rejection nobody else would handle. */
const reasonOf = async (error: unknown): Promise<unknown> => {
  try {
    await (error as { commitError?: Promise<unknown> }).commitError;
    return error;
  } catch (reason) {
    return reason;
  }
};

export const damageWords = (what: string): string =>
  `index.mdb is damaged: ${what}. The next start builds it again`;

/**
 * The databases: positions of the events of streams, states of streams, and the head of the log up to which both are
 * complete.
 */
export const DATABASES = ['index', 'streams', 'meta'] as const;

export const HEAD = Buffer.from('head');
/**
 * Bytes of the head in an index of the previous release, which has no checksums. Such an index is emptied when it is
 * opened.
 */
export const UNSEALED_HEAD = 16;
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/**
 * Holds in LMDB where the events of a stream are, the states of streams, and the head of the log up to which both are
 * complete.
 */
export class LogIndex {
  readonly runs: StreamIndex;
  private readonly root: RootDatabase<Buffer, Buffer>;
  private readonly streams: Database<Buffer, Buffer>;
  private readonly meta: Database<Buffer, Buffer>;

  /** @throws Error if the file can't be opened, or is not an LMDB file */
  constructor(
    file: string,
    private readonly damaged: (reason: string) => void = () => {},
  ) {
    checkCanBeOpened(file);
    // With overlappingSync a transaction would be visible before its sync.
    this.root = open<Buffer, Buffer>({
      path: file,
      overlappingSync: false,
      eventTurnBatching: false,
      ...BINARY,
    });
    const [index, streams, meta] = DATABASES.map((name) =>
      this.root.openDB<Buffer, Buffer>({ name, ...BINARY }),
    ) as [Database<Buffer, Buffer>, Database<Buffer, Buffer>, Database<Buffer, Buffer>];
    this.runs = new StreamIndex(index, {
      unseal: (key, sealed) => this.unsealed(key, sealed),
      guard: (read) => this.guarded(read),
    });
    this.streams = streams;
    this.meta = meta;
  }

  /** Returns the head of the log; undefined in a new index. */
  head(): Head | undefined {
    const stored = this.guarded(() => this.meta.get(HEAD));
    if (stored?.length === UNSEALED_HEAD) this.clear();
    const head = stored && stored.length !== UNSEALED_HEAD ? this.unsealed(HEAD, stored) : undefined;
    return (
      head && {
        position: head.readDoubleBE(0),
        streamId: head.readUInt32BE(8),
        checksum: head.readUInt32BE(12),
      }
    );
  }

  streamState(name: string): StreamState | undefined {
    const key = streamKey(name);
    const stored = this.guarded(() => this.streams.get(key));
    return stored && decodeStreamState(this.unsealed(key, stored));
  }

  /**
   * Returns up to `limit` streams that follow a key, or the first ones. A name is undefined if it is too long for a
   * key.
   */
  streamsAfter(
    after: Buffer | undefined,
    limit: number,
  ): { readonly key: Buffer; readonly name: string | undefined; readonly state: StreamState }[] {
    const range = after ? { start: after, exclusiveStart: true, limit } : { limit };
    return this.guarded(() =>
      [...this.streams.getRange(range)].map(({ key: shared, value }) => {
        const key = Buffer.from(shared);
        return { key, name: nameOfKey(key), state: decodeStreamState(this.unsealed(key, value)) };
      }),
    );
  }

  /** Resolves when everything is synced. @throws CommitFailed */
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
        for (const [name, state] of streams) {
          const key = streamKey(name);
          void this.streams.put(key, sealValue(key, encodeStreamState(state)));
        }
        void this.meta.put(HEAD, sealValue(HEAD, bytes));
      });
    } catch (error) {
      throw new CommitFailed(await reasonOf(error), { cause: error });
    }
  }

  /** Empties the index, synchronously. */
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

  private unsealed(key: Buffer, sealed: Buffer): Buffer {
    const value = unsealValue(key, sealed);
    if (value) return value;
    throw this.reported('a value in it is not what was written');
  }

  /** Returns what LMDB reads. @throws DamagedIndex if it can't because of what is in the file */
  private guarded<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw isFaultOfFile(error) ? this.reported((error as Error).message) : error;
    }
  }

  /** Reports that something is missing in the index. @throws DamagedIndex */
  refuse(what: string): never {
    throw this.reported(what);
  }

  private reported(what: string): DamagedIndex {
    const damage = new DamagedIndex(damageWords(what));
    this.damaged(damage.message);
    return damage;
  }
}

/** File handles that LMDB needs for one environment. */
const LMDB_HANDLES = 4;

/** Checks that the file can be opened, because LMDB's binding ends the process with SIGSEGV when it can't. */
const checkCanBeOpened = (file: string): void => {
  const handles: number[] = [];
  try {
    while (handles.length < LMDB_HANDLES)
      handles.push(openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600));
  } finally {
    for (const handle of handles) closeSync(handle);
  }
};
