import { DamagedLog, damageAt } from '../record/damaged-log.js';
import { LogEntry } from './log-entry.js';
import {
  FRAME_MIN,
  endsWithLength,
  frameLength,
  isChained,
  isFrameAt,
  isSealedBehind,
  isSound,
  recordChecksum,
  recordClosesChange,
  recordIn,
  recordPrevious,
} from '../record/record.js';
import { soundRunEnd } from '../record/sound-run.js';
import type { Segments } from './segments.js';

/** Bytes read at once when several neighbouring records are wanted. */
const CHUNK = 128 * 1024;
/** Bytes read at once when one record is wanted. Most records are shorter. */
const ONE = 2048;
const LENGTH_SIZE = 4;
const NOTHING = Buffer.alloc(0);

/**
 * Reads records, which lie one after the other in segment files, by position or by walking from one to the next. Each
 * record is checked against its checksum whenever it is read.
 */
export class RecordLog {
  constructor(
    private readonly segments: Segments,
    /** Position of the first record. */
    private readonly first: number,
    /** Called for each record that is not what was written, each time it is read. */
    private readonly found: (damage: DamagedLog) => void = () => {},
  ) {}

  /** @throws DamagedLog if there is no whole record at this position */
  at(position: number, head: number): LogEntry {
    const entry = this.entryAt(position, head);
    void entry.record;
    return entry;
  }

  /**
   * Returns the records at positions in ascending order, without scavenged ones. A damaged one throws when its contents
   * are used. Bytes between records are read too when the records are close together.
   */
  entriesAt(wanted: readonly number[], head: number): LogEntry[] {
    const positions = this.segments.hasGaps
      ? wanted.filter((position) => this.segments.isKept(position))
      : wanted;
    const span = positions.length > 1 ? positions.at(-1)! - positions[0]! : 0;
    if (span / positions.length > ONE) return positions.map((position) => this.entryAt(position, head));
    let chunk: Buffer = NOTHING;
    let base = 0;
    return positions.map((position) => {
      const inChunk = this.entryIn(chunk, position - base, position);
      if (inChunk) return inChunk;
      chunk = this.segments.read(position, Math.min(CHUNK, span + ONE), head);
      base = position;
      return this.entryIn(chunk, 0, position) ?? this.entryAt(position, head);
    });
  }

  /**
   * Returns records from a record's position on, at most `limit`. The last one may be damaged; records behind it need
   * another read.
   */
  forwards(from: number, head: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let position = this.segments.keptFrom(Math.max(from, this.first));
    while (position < head && entries.length < limit) {
      const chunk = this.segments.read(position, CHUNK, head);
      const sound = soundRunEnd(chunk, position, limit - entries.length);
      let at = 0;
      let previous: number | undefined;
      while (entries.length < limit) {
        const entry =
          at < sound
            ? new LogEntry(position, chunk.subarray(at, at + frameLength(chunk, at)))
            : this.entryIn(chunk, at, position, previous);
        if (!entry) break;
        entries.push(entry);
        if (entry.isDamaged) return entries;
        previous = recordChecksum(entry.record);
        at += entry.record.length;
        position = entry.next;
      }
      if (at === 0) {
        const entry = this.entryAt(position, head); // longer than a chunk
        entries.push(entry);
        if (entry.isDamaged) return entries;
        position = entry.next;
      }
      position = this.segments.keptFrom(position);
    }
    return entries;
  }

  /** Returns records before a record's position, the nearest first, at most `limit`. The last one may be damaged. */
  backwards(before: number, head: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let position = this.segments.keptBefore(before);
    while (position > this.first && entries.length < limit) {
      const base = this.segments.baseBefore(position);
      const start = Math.max(base, position - CHUNK);
      const chunk = this.segments.read(start, position - start, head);
      let end = chunk.length;
      while (end >= LENGTH_SIZE && entries.length < limit) {
        const length = chunk.readUInt32BE(end - LENGTH_SIZE);
        if (length > end && end < chunk.length) break;
        const entry = this.entryEndingAt(
          position,
          length,
          base,
          length <= end ? chunk.subarray(0, end) : NOTHING,
        );
        entries.push(entry);
        if (entry.isDamaged) return entries;
        end -= length;
        position = entry.position;
        if (end < 0) break; // the record was longer than a chunk
      }
      position = this.segments.keptBefore(position);
    }
    return entries;
  }

  /**
   * Yields the changes written after a place of the log, each complete, with its end and the checksum there. Stops at
   * bytes that were not written directly after the last change: torn by a crash, or damaged. @throws DamagedLog for
   * damage in a scavenged segment
   */
  *changesAfter(place: {
    position: number;
    checksum: number;
  }): Generator<{ entries: LogEntry[]; position: number; checksum: number }> {
    let { position, checksum } = place;
    let entries: LogEntry[] = [];
    let chunk: Buffer = NOTHING;
    let base = 0;
    const { end } = this.segments;
    for (;;) {
      const scavenged = this.segments.scavengedAt(position);
      if (scavenged) {
        // The remaining records are no chain any more. The segment's table knows the checksum that the next record is
        // chained to.
        const records = this.forwards(position, scavenged.end, Number.POSITIVE_INFINITY);
        for (const entry of records) yield { entries: [entry], position: entry.next, checksum: 0 };
        ({ end: position, checksum } = scavenged);
        yield { entries: [], position, checksum };
        continue;
      }
      let record = recordIn(chunk, position - base, position);
      if (!record) {
        if (position >= end) return;
        chunk = this.segments.read(position, CHUNK, end);
        base = position;
        record = recordIn(chunk, 0, position) ?? this.long(chunk, position, end);
      }
      if (!record || !isSealedBehind(record, checksum)) return;
      const entry = new LogEntry(position, record);
      entries.push(entry);
      position = entry.next;
      checksum = recordChecksum(record);
      if (!recordClosesChange(record)) continue;
      yield { entries, position, checksum };
      entries = [];
    }
  }

  /** Returns whether a record begins at this position. */
  isRecord(position: number, head: number): boolean {
    if (position < this.first || position + FRAME_MIN > head) return false;
    const bytes = this.segments.read(position, FRAME_MIN, head);
    return bytes.length === FRAME_MIN && isFrameAt(bytes, 0, position);
  }

  /**
   * Returns what is left of a damaged record, if its length is certain: the lengths at both of its ends agree, or the
   * record after it holds its checksum. Otherwise returns undefined.
   */
  remains(position: number, head: number): Remains | undefined {
    if (!this.isRecord(position, head)) return undefined;
    const header = this.segments.read(position, FRAME_MIN, head);
    const length = frameLength(header, 0);
    const bytes = this.segments.read(position, length, head);
    if (bytes.length < length) return undefined;
    const next = this.segments.keptFrom(position + length);
    const one = next < head ? this.entryAt(next, head) : undefined;
    const behind = one?.isDamaged ? undefined : one;
    const isFollowed =
      behind?.position === position + length && recordPrevious(behind.record) === recordChecksum(bytes);
    return endsWithLength(bytes) || isFollowed ? { bytes, behind } : undefined;
  }

  /** Returns the checksum of the record that ends at a position, as the record says; undefined if that is not known. */
  checksumBefore(position: number): number | undefined {
    if (position <= this.first) return 0;
    const kept = this.segments.scavengedAt(position - 1);
    if (kept?.end === position) return kept.checksum;
    if (kept && !kept.at(position - 1)) return undefined;
    const base = this.segments.baseBefore(position);
    if (position - base < FRAME_MIN) return undefined;
    const length = this.segments.read(position - LENGTH_SIZE, LENGTH_SIZE, position).readUInt32BE(0);
    const start = position - length;
    if (length < FRAME_MIN || start < base) return undefined;
    const header = this.segments.read(start, FRAME_MIN, position);
    return isFrameAt(header, 0, start) ? recordChecksum(header) : undefined;
  }

  /** Returns the record at a position, or an entry that stands for a damaged one. */
  private entryAt(position: number, head: number): LogEntry {
    let bytes: Buffer;
    try {
      bytes = this.segments.read(position, ONE, head);
      if (bytes.length >= FRAME_MIN && isFrameAt(bytes, 0, position) && frameLength(bytes, 0) > bytes.length)
        bytes = this.segments.read(position, frameLength(bytes, 0), head);
    } catch (error) {
      if (!(error instanceof DamagedLog)) throw error;
      this.found(error);
      return LogEntry.damaged(position, error);
    }
    return this.entryIn(bytes, 0, position) ?? this.damaged(position);
  }

  /** Returns the record of this length that ends at a position, from bytes that end there or from disk. */
  private entryEndingAt(position: number, length: number, base: number, bytes: Buffer): LogEntry {
    const start = position - length;
    const isPlace = length >= FRAME_MIN && start >= base;
    const at = bytes.length - length;
    const header = !isPlace || at >= 0 ? bytes.subarray(at) : this.segments.read(start, FRAME_MIN, position);
    const begins = isPlace && isFrameAt(header, 0, start) && frameLength(header, 0) === length;
    if (!begins) {
      // One of its ends may still say where it begins. Otherwise only its end is known.
      const isStart = isPlace && (isFrameAt(header, 0, start) || frameLength(header, 0) === length);
      const found = isStart ? start : (this.startOf(position, base) ?? position);
      return this.damaged(found).endingAt(position);
    }
    const entry = at >= 0 ? this.entryIn(bytes, at, start) : this.entryAt(start, position);
    return (entry ?? this.damaged(start)).endingAt(position);
  }

  /**
   * Returns where a record begins that lost the length at its end. The length at its beginning must lead to this end.
   */
  private startOf(end: number, base: number): number | undefined {
    const from = Math.max(base, end - CHUNK);
    const bytes = this.segments.read(from, end - from, end);
    for (let at = bytes.length - FRAME_MIN; at >= 0; at -= 1) {
      if (isFrameAt(bytes, at, from + at) && at + frameLength(bytes, at) === bytes.length) return from + at;
    }
    return undefined;
  }

  /**
   * Returns the record at `at` of a chunk if all of it is there. A record that is not what was written becomes a
   * damaged entry.
   */
  private entryIn(chunk: Buffer, at: number, position: number, previous?: number): LogEntry | undefined {
    if (at < 0 || at + FRAME_MIN > chunk.length) return undefined;
    if (!isFrameAt(chunk, at, position)) return this.damaged(position);
    const record = recordIn(chunk, at, position);
    if (!record) return undefined;
    return this.isWhole(record, position, previous) ? new LogEntry(position, record) : this.damaged(position);
  }

  /** @param previous checksum of the record before, if it was just read */
  private isWhole(record: Buffer, position: number, previous: number | undefined): boolean {
    if (previous !== undefined) return isSealedBehind(record, previous);
    if (!isChained(record)) return isSound(record);
    const before = this.checksumBefore(position);
    // In what scavenging left of an older release's segment, only the frame can be checked.
    return before === undefined ? endsWithLength(record) : isSealedBehind(record, before);
  }

  private damaged(position: number): LogEntry {
    const damage = damageAt(
      this.segments.placeOf(position),
      'the bytes there are not the record that was written',
    );
    this.found(damage);
    return LogEntry.damaged(position, damage);
  }

  private long(chunk: Buffer, position: number, end: number): Buffer | undefined {
    if (chunk.length < FRAME_MIN || !isFrameAt(chunk, 0, position)) return undefined;
    const length = frameLength(chunk, 0);
    return recordIn(this.segments.read(position, length, end), 0, position);
  }
}

/** What is left of a damaged record, and the entry after it if that can be read. */
export type Remains = Readonly<{ bytes: Buffer; behind: LogEntry | undefined }>;
