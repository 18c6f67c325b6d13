import type { Database } from 'lmdb';
import { sealValue } from './sealed-value.js';

/** Events of one stream that were committed together, with revisions from `first` on, at these positions. */
export interface IndexRun {
  readonly streamId: number;
  readonly first: number;
  readonly positions: number[];
}

/** The runs to look through, and the positions that are wanted. */
export type RunSearch = Readonly<{ after: Buffer | undefined; limit: number; low: number; high: number }>;

/** An event of the index. */
type FoundEvent = Readonly<{ position: number; streamId: number; revision: number }>;

/** How values are read. */
export type Reading = Readonly<{
  /** Returns the value that was stored under a key. @throws Error if it is a different one now */
  unseal(key: Buffer, sealed: Buffer): Buffer;
  /** Returns what LMDB reads, and translates its errors. */
  guard<T>(read: () => T): T;
}>;

/** Largest number of events in a run, so that finding one event does not read a large value. */
export const MAX_RUN = 256;
/** Stands for the position of an event that damage took out of its stream. No event has this position. */
export const LOST = 0;
const POSITION_SIZE = 6;
const KEY_SIZE = 10;

/**
 * Stores where the events of a stream are: for each run, its positions (u48 each) under stream id (u32) and first
 * revision (u48). All events of an append share an entry, so batches cost little.
 */
export class StreamIndex {
  constructor(
    private readonly database: Database<Buffer, Buffer>,
    private readonly reading: Reading,
  ) {}

  put({ streamId, first, positions }: IndexRun): void {
    const value = Buffer.allocUnsafe(positions.length * POSITION_SIZE);
    positions.forEach((position, i) => value.writeUIntBE(position, i * POSITION_SIZE, POSITION_SIZE));
    const key = indexKey(streamId, first);
    void this.database.put(key, sealValue(key, value));
  }

  clear(): void {
    this.database.clearSync();
  }

  /** Returns the position of one event. */
  positionOf(streamId: number, revision: number): number | undefined {
    return this.backwards(streamId, 0, revision, 1)[0];
  }

  /**
   * Returns the positions of the events from `first` to `last`, in ascending order, at most `limit`. They end before an
   * event that is missing.
   */
  forwards(streamId: number, first: number, last: number, limit: number): number[] {
    return first > last ? [] : this.reading.guard(() => this.ascending(streamId, first, last, limit));
  }

  private ascending(streamId: number, first: number, last: number, limit: number): number[] {
    const positions: number[] = [];
    const start = this.runStart(streamId, first);
    const end = indexKey(streamId, last);
    for (const { key, value: sealed } of this.database.getRange({ start, end, inclusiveEnd: true })) {
      const value = this.reading.unseal(key, sealed);
      const runFirst = key.readUIntBE(4, 6);
      if (runFirst > first + positions.length) return positions;
      const runLast = Math.min(last, runFirst + value.length / POSITION_SIZE - 1);
      for (let revision = Math.max(first, runFirst); revision <= runLast; revision += 1) {
        if (positions.length === limit) return positions;
        positions.push(value.readUIntBE((revision - runFirst) * POSITION_SIZE, POSITION_SIZE));
      }
      if (positions.length === limit) return positions;
    }
    return positions;
  }

  /** Returns the positions of the events from `last` down to `first`, at most `limit`. They end as `forwards` does. */
  backwards(streamId: number, first: number, last: number, limit: number): number[] {
    return first > last ? [] : this.reading.guard(() => this.descending(streamId, first, last, limit));
  }

  private descending(streamId: number, first: number, last: number, limit: number): number[] {
    const positions: number[] = [];
    const range = {
      start: indexKey(streamId, last),
      end: indexKey(streamId, 0),
      inclusiveEnd: true,
      reverse: true,
    };
    for (const { key, value: sealed } of this.database.getRange(range)) {
      const value = this.reading.unseal(key, sealed);
      const runFirst = key.readUIntBE(4, 6);
      const runLast = runFirst + value.length / POSITION_SIZE - 1;
      if (runLast < last - positions.length) return positions;
      for (let revision = Math.min(last, runLast); revision >= Math.max(first, runFirst); revision -= 1) {
        positions.push(value.readUIntBE((revision - runFirst) * POSITION_SIZE, POSITION_SIZE));
        if (positions.length === limit) return positions;
      }
      if (runFirst <= first) return positions;
    }
    return positions;
  }

  /**
   * Looks through up to `limit` runs that follow a key, or the first ones, and calls `found` for each event from
   * position `low` to before `high`. Returns the key of the last run; undefined at the end.
   */
  lookThrough(search: RunSearch, found: (event: FoundEvent) => void): Buffer | undefined {
    return this.reading.guard(() => this.looked(search, found));
  }

  private looked(
    { after, limit, low, high }: RunSearch,
    found: (event: FoundEvent) => void,
  ): Buffer | undefined {
    const range = after ? { start: after, exclusiveStart: true, limit } : { limit };
    let last: Buffer | undefined;
    for (const { key, value: sealed } of this.database.getRange(range)) {
      last = key;
      const value = this.reading.unseal(key, sealed);
      for (let at = 0; at < value.length; at += POSITION_SIZE) {
        const position = value.readUIntBE(at, POSITION_SIZE);
        if (position < low || position >= high) continue;
        const revision = key.readUIntBE(4, 6) + at / POSITION_SIZE;
        found({ position, streamId: key.readUInt32BE(0), revision });
      }
    }
    return last && Buffer.from(last);
  }

  /** Returns the key of the run that holds a revision, or of the first one after it. */
  private runStart(streamId: number, revision: number): Buffer {
    const start = indexKey(streamId, revision);
    const before = { start, end: indexKey(streamId, 0), inclusiveEnd: true, reverse: true, limit: 1 };
    for (const key of this.database.getKeys(before)) return Buffer.from(key);
    return start;
  }
}

const indexKey = (streamId: number, revision: number): Buffer => {
  const key = Buffer.allocUnsafe(KEY_SIZE);
  key.writeUInt32BE(streamId, 0);
  key.writeUIntBE(revision, 4, 6);
  return key;
};
