import { DamagedLog } from './damaged-log.js';
import { LogEntry } from './log-entry.js';
import {
  FRAME_MIN,
  checkFrame,
  frameLength,
  isFrameAt,
  isSealedBehind,
  recordChecksum,
  recordClosesChange,
} from './record.js';
import type { Segments } from './segments.js';

/** Read at once when records are wanted that lie together. */
const CHUNK = 128 * 1024;
/** Read at once when one record is wanted: most are shorter. */
const ONE = 2048;
const LENGTH_SIZE = 4;

/** Records one after the other in segment files, found by position or by walking from one to the next. */
export class RecordLog {
  constructor(
    private readonly segments: Segments,
    /** Where records begin. */
    private readonly first: number,
  ) {}

  /** @throws DamagedLog if there is no record at this position */
  at(position: number, head: number): LogEntry {
    let bytes = this.segments.read(position, ONE, head);
    if (bytes.length < FRAME_MIN) throw new DamagedLog(`The log has no record at position ${position}`);
    const length = checkFrame(bytes, 0, position);
    if (length > bytes.length) bytes = this.segments.read(position, length, head);
    return new LogEntry(position, bytes.subarray(0, length));
  }

  /** Records at positions in ascending order, but for scavenged ones. Bytes between them are read too where they lie close together. */
  many(wanted: readonly number[], head: number): LogEntry[] {
    const positions = this.segments.hasGaps
      ? wanted.filter((position) => this.segments.isKept(position))
      : wanted;
    const span = positions.length > 1 ? positions.at(-1)! - positions[0]! : 0;
    if (span / positions.length > ONE) return positions.map((position) => this.at(position, head));
    let chunk = Buffer.alloc(0) as Buffer;
    let base = 0;
    return positions.map((position) => {
      const inChunk = entryIn(chunk, position - base, position);
      if (inChunk) return inChunk;
      chunk = this.segments.read(position, Math.min(CHUNK, span + ONE), head);
      base = position;
      return entryIn(chunk, 0, position) ?? this.at(position, head);
    });
  }

  /** Records from a record's position on, at most `limit`. */
  forwards(from: number, head: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let position = this.segments.keptFrom(Math.max(from, this.first));
    while (position < head && entries.length < limit) {
      const chunk = this.segments.read(position, CHUNK, head);
      let at = 0;
      while (entries.length < limit) {
        const entry = entryIn(chunk, at, position);
        if (!entry) break;
        entries.push(entry);
        at += entry.record.length;
        position = entry.next;
      }
      if (at === 0) {
        const entry = this.at(position, head); // longer than a chunk
        entries.push(entry);
        position = entry.next;
      }
      position = this.segments.keptFrom(position);
    }
    return entries;
  }

  /** Records before a record's position, the nearest first, at most `limit`. */
  backwards(before: number, head: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let position = this.segments.keptBefore(before);
    while (position > this.first && entries.length < limit) {
      const start = Math.max(this.segments.baseBefore(position), position - CHUNK);
      const chunk = this.segments.read(start, position - start, head);
      let end = chunk.length;
      while (end >= LENGTH_SIZE && entries.length < limit) {
        const length = chunk.readUInt32BE(end - LENGTH_SIZE);
        const entry = length <= end ? entryIn(chunk, end - length, position - length) : undefined;
        if (!entry) break;
        entries.push(entry);
        end -= length;
        position = entry.position;
      }
      if (end === chunk.length) {
        const entry = this.at(position - chunk.readUInt32BE(chunk.length - LENGTH_SIZE), head);
        entries.push(entry);
        position = entry.position;
      }
      position = this.segments.keptBefore(position);
    }
    return entries;
  }

  /**
   * The changes that were written behind a place of the log, each whole, with its end and the checksum there. Ends
   * where what lies there was not written right behind: torn by a crash, or left over from a group that failed.
   */
  *changesAfter(place: {
    position: number;
    checksum: number;
  }): Generator<{ entries: LogEntry[]; position: number; checksum: number }> {
    let { position, checksum } = place;
    let entries: LogEntry[] = [];
    const { end } = this.segments;
    for (;;) {
      const scavenged = this.segments.scavengedAt(position);
      if (scavenged) {
        // It was whole before it was scavenged, and its table is checked; what it has left is no chain any more.
        const records = this.forwards(position, scavenged.end, Number.POSITIVE_INFINITY);
        for (const entry of records) yield { entries: [entry], position: entry.next, checksum: 0 };
        ({ end: position, checksum } = scavenged);
        yield { entries: [], position, checksum };
        continue;
      }
      const entry = this.behind(position, checksum, end);
      if (!entry) return;
      entries.push(entry);
      position = entry.next;
      checksum = recordChecksum(entry.record);
      if (!recordClosesChange(entry.record)) continue;
      yield { entries, position, checksum };
      entries = [];
    }
  }

  /** Whether a record begins at this position. */
  isRecord(position: number, head: number): boolean {
    if (position < this.first || position + FRAME_MIN > head) return false;
    const bytes = this.segments.read(position, FRAME_MIN, head);
    return bytes.length === FRAME_MIN && isFrameAt(bytes, 0, position);
  }

  private behind(position: number, checksum: number, end: number): LogEntry | undefined {
    if (!this.isRecord(position, end)) return undefined;
    const length = frameLength(this.segments.read(position, FRAME_MIN, end), 0);
    const record = this.segments.read(position, length, end);
    if (record.length < length || !isSealedBehind(record, checksum)) return undefined;
    return new LogEntry(position, record);
  }
}

/** The record at `at` of a chunk, if all of it is there. */
const entryIn = (chunk: Buffer, at: number, position: number): LogEntry | undefined => {
  if (at < 0 || at + FRAME_MIN > chunk.length) return undefined;
  const length = frameLength(chunk, at);
  if (at + length > chunk.length) return undefined;
  checkFrame(chunk, at, position);
  return new LogEntry(position, chunk.subarray(at, at + length));
};
