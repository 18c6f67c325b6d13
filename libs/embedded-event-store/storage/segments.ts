import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncate,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { DamagedLog, damageAt, type LogPlace } from '../record/damaged-log.js';
import { KeptRanges, type KeptRange } from './kept-ranges.js';
import { gapUntil, segmentFileName, segmentFiles, syncFolder, type SegmentKind } from './segment-files.js';
import { writeChunks } from './write-chunks.js';
import { writeKept } from './write-kept.js';

const syncAsync = promisify(fdatasync);
const truncateAsync = promisify(ftruncate);

/** Size in bytes at which a segment is complete. Scavenging rewrites one segment at a time. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Bytes copied at once while scavenging, so that other work gets its turn. */
const COPY_BYTES = 1024 * 1024;

interface Segment {
  /** Position of its first byte. */
  readonly base: number;
  readonly fd: number;
  /** What a scavenged segment still has. */
  readonly kept?: KeptRanges;
}

/**
 * Stores the bytes of the log in consecutive files. A position counts bytes across all of them. Bytes beyond the head
 * were never committed and are overwritten.
 */
export class Segments {
  private readonly segments: Segment[] = [];
  /** Whether the last segment takes no more records. */
  private ended = false;
  private readonly superseded: readonly string[];

  /** Changes nothing in the folder. @throws DamagedLog if files are missing or end before `head` */
  constructor(
    private readonly folder: string,
    private readonly first: number,
    head: number,
  ) {
    const { files, superseded } = segmentFiles(folder);
    this.superseded = superseded;
    try {
      for (const { base, kind } of files) this.segments.push(this.open(base, kind));
      this.check(head);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Writes bytes at a position, which must be the end of the log, and resolves when they are on disk. */
  async append(chunks: readonly Buffer[], position: number): Promise<void> {
    const { base, fd } = this.segmentForWriting(position);
    await writeChunks(fd, chunks, position - base);
    await syncAsync(fd);
  }

  /** Removes everything from a position of the last segment on, and resolves when that is on disk. */
  async cutAt(position: number): Promise<void> {
    const last = this.segments.at(-1);
    if (!last) return;
    await truncateAsync(last.fd, position - last.base);
    await syncAsync(last.fd);
  }

  /** Does the same as `cutAt`, synchronously. */
  cutNow(position: number): void {
    const last = this.segments.at(-1);
    if (!last) return;
    ftruncateSync(last.fd, position - last.base);
    fdatasyncSync(last.fd);
  }

  /** Removes the leftovers of an unfinished scavenge, which are useless once the log is known to be whole. */
  removeSuperseded(): void {
    for (const file of this.superseded) rmSync(file, { force: true });
  }

  /** Returns the place of a position on disk. */
  placeOf(position: number): LogPlace {
    const segment = this.segments[this.indexOf(position)];
    if (!segment) return { position, file: segmentFileName(position, 'log'), offset: 0 };
    const { base, kept } = segment;
    const range = kept?.at(position);
    const offset = range ? range.offset + position - range.start : position - base;
    return { position, file: segmentFileName(base, kept ? 'kept' : 'log'), offset };
  }

  /** Returns the start of the segment after the one that contains a position; undefined in the last one. */
  nextSegmentBase(position: number): number | undefined {
    return this.segments[this.indexOf(position) + 1]?.base;
  }

  /** Position at which the last file begins. */
  get lastBase(): number {
    return this.segments.at(-1)?.base ?? this.first;
  }

  /** Position at which the last file ends, or at which an empty log begins. */
  get end(): number {
    const last = this.segments.at(-1);
    if (last?.kept) return last.kept.end;
    return last ? last.base + fstatSync(last.fd).size : this.first;
  }

  /** Whether a segment was scavenged, so that some positions may be empty. */
  get hasGaps(): boolean {
    return this.segments.some(({ kept }) => kept !== undefined);
  }

  /**
   * Returns the ranges of the scavenged segment that contains a position; undefined if that segment was not scavenged.
   */
  scavengedAt(position: number): KeptRanges | undefined {
    const kept = this.segments[this.indexOf(position)]?.kept;
    return kept && position < kept.end ? kept : undefined;
  }

  /** Returns whether the record at a position was not scavenged. */
  isKept(position: number): boolean {
    if (position < this.first) return false; // stands for an event lost to damage
    const kept = this.scavengedAt(position);
    return kept === undefined || kept.at(position) !== undefined;
  }

  /** Returns the first position from this one on that was not scavenged. */
  keptFrom(position: number): number {
    for (let at = position; ;) {
      const kept = this.scavengedAt(at);
      if (!kept) return at;
      const found = kept.from(at);
      if (found !== undefined) return found;
      at = kept.end;
    }
  }

  /** Returns the end of the last kept range up to this position. */
  keptBefore(position: number): number {
    for (let at = position; ;) {
      const kept = at > this.first ? this.scavengedAt(at - 1) : undefined;
      if (!kept) return at;
      const found = kept.before(at);
      if (found !== undefined) return found;
      at = kept.base;
    }
  }

  /** Makes further records go into a new segment. */
  endCurrent(): void {
    this.ended = true;
  }

  /** The start and end of each segment that takes no more records. */
  get complete(): readonly { readonly base: number; readonly end: number }[] {
    return this.segments.slice(0, -1).map(({ base }, i) => ({ base, end: this.segments[i + 1]!.base }));
  }

  /**
   * Reduces a segment to these ranges. The freed space is available when this resolves. If the process ends earlier,
   * the segment is either unchanged or completely rewritten.
   */
  async keepOnly(kept: KeptRanges, ranges: readonly KeptRange[]): Promise<void> {
    const index = this.segments.findIndex(({ base }) => base === kept.base);
    const old = this.segments[index]!;
    const draft = this.file(kept.base, 'draft');
    await writeKept(draft, this.bytesOf(ranges, kept.end), kept);
    renameSync(draft, this.file(kept.base, 'kept'));
    syncFolder(this.folder);
    this.segments[index] = this.open(kept.base, 'kept');
    closeSync(old.fd);
    rmSync(this.file(kept.base, 'log'), { force: true });
  }

  private *bytesOf(ranges: readonly KeptRange[], end: number): Iterable<Buffer> {
    for (const { start, length } of ranges) {
      for (let at = start; at < start + length;) {
        const bytes = this.read(at, Math.min(COPY_BYTES, start + length - at), end);
        yield bytes;
        at += bytes.length;
      }
    }
  }

  /** Reads up to `length` bytes from a position on, within its segment or kept range, and not beyond `end`. */
  read(position: number, length: number, end: number): Buffer {
    const index = this.indexOf(position);
    const segment = this.segments[index];
    if (!segment) throw damageAt(this.placeOf(position), 'there is no file of it');
    const range = segment.kept?.at(position);
    if (segment.kept && !range) throw damageAt(this.placeOf(position), 'what was there was scavenged');
    const segmentEnd = range ? range.start + range.length : (this.segments[index + 1]?.base ?? end);
    const wanted = Math.max(0, Math.min(length, end - position, segmentEnd - position));
    const from = range ? range.offset + position - range.start : position - segment.base;
    const bytes = Buffer.allocUnsafe(wanted);
    let read = 0;
    while (read < wanted) {
      const count = readSync(segment.fd, bytes, read, wanted - read, from + read);
      if (count === 0) throw damageAt(this.placeOf(position + read), 'the file ends there');
      read += count;
    }
    return bytes;
  }

  /** Returns the start of the piece that ends at a position: its segment, or the range that was kept of it. */
  baseBefore(position: number): number {
    const segment = this.segments[this.indexOf(position - 1)];
    return segment?.kept?.at(position - 1)?.start ?? segment?.base ?? position;
  }

  close(): void {
    for (const { fd } of this.segments.splice(0)) closeSync(fd);
  }

  private segmentForWriting(position: number): Segment {
    const last = this.segments.at(-1);
    const isOpen = last && !last.kept && (!this.ended || position === last.base);
    if (isOpen && position - last.base < SEGMENT_BYTES) return last;
    const segment = { base: position, fd: openSync(this.file(position, 'log'), 'w+', 0o600) };
    try {
      syncFolder(this.folder);
    } catch (error) {
      // The next attempt makes the file again: after a failed sync, only a new change of the folder makes the name get
      // written again.
      closeSync(segment.fd);
      rmSync(this.file(position, 'log'), { force: true });
      throw error;
    }
    this.segments.push(segment);
    this.ended = false;
    return segment;
  }

  private open(base: number, kind: 'log' | 'kept'): Segment {
    const fd = openSync(this.file(base, kind), kind === 'log' ? 'r+' : 'r');
    if (kind === 'log') return { base, fd };
    try {
      const read = (offset: number, length: number): Buffer => {
        const bytes = Buffer.alloc(length);
        readSync(fd, bytes, 0, length, offset);
        return bytes;
      };
      return { base, fd, kept: KeptRanges.decode(base, fstatSync(fd).size, read) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  private indexOf(position: number): number {
    return this.segments.findLastIndex(({ base }) => base <= position);
  }

  /** @throws DamagedLog unless the files follow one another without a gap, at least up to `head` */
  private check(head: number): void {
    const last = this.segments.at(-1);
    if (head === this.first && (!last || last.base === head)) return;
    if (!last || this.segments[0]!.base !== this.first)
      throw new DamagedLog(
        `The log is damaged: its first file, ${segmentFileName(this.first, 'log')}, is not in ${this.folder}. Put it back from a backup, or copy what is whole with "verbatim event-store repair"`,
      );
    this.segments.forEach(({ base, fd, kept }, i) => {
      const end = this.segments[i + 1]?.base ?? Math.max(base, head);
      const there = kept ? kept.end : base + fstatSync(fd).size;
      if (there < end) throw damageAt(this.placeOf(there), gapUntil(end, i + 1 < this.segments.length));
    });
  }

  private file(base: number, kind: SegmentKind): string {
    return path.join(this.folder, segmentFileName(base, kind));
  }
}
