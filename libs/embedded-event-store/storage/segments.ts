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
  writev,
} from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DamagedLog, damageAt, type LogPlace } from './damaged-log.js';
import { KeptRanges, type KeptRange } from './kept-ranges.js';
import {
  gapUntil,
  segmentFileName,
  segmentFiles,
  syncFolder,
  withoutFirst,
  type SegmentKind,
} from './segment-files.js';

const writeAsync = promisify(writev);
const syncAsync = promisify(fdatasync);
const truncateAsync = promisify(ftruncate);

/** A segment takes no more records once it has so many bytes: scavenging rewrites one at a time. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Buffers one call takes (IOV_MAX of Linux). */
const MOST_AT_ONCE = 1024;
/** Copied at once while scavenging, between turns of others. */
const COPY_BYTES = 1024 * 1024;

interface Segment {
  /** Position of its first byte. */
  readonly base: number;
  readonly fd: number;
  /** What a scavenged one still has. */
  readonly kept?: KeptRanges;
}

/**
 * The bytes of the log in files that follow one another. A position is a place in all of them; what is beyond the
 * head was never committed and is written over.
 */
export class Segments {
  private readonly segments: Segment[] = [];
  /** The last segment takes no more records. */
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

  /** Writes bytes at a position, the end of what is there, and resolves when they are on disk. */
  async append(chunks: readonly Buffer[], position: number): Promise<void> {
    const { base, fd } = this.segmentForWriting(position);
    let at = position - base;
    for (let left = chunks; left.length > 0;) {
      const { bytesWritten } = await writeAsync(fd, left.slice(0, MOST_AT_ONCE), at);
      at += bytesWritten;
      left = withoutFirst(left, bytesWritten);
    }
    await syncAsync(fd);
  }

  /** Removes what lies at and behind a position of the last segment; resolves when that is on disk. */
  async cutAt(position: number): Promise<void> {
    const last = this.segments.at(-1);
    if (!last) return;
    await truncateAsync(last.fd, position - last.base);
    await syncAsync(last.fd);
  }

  /** As `cutAt`, at once. */
  cutNow(position: number): void {
    const last = this.segments.at(-1);
    if (!last) return;
    ftruncateSync(last.fd, position - last.base);
    fdatasyncSync(last.fd);
  }

  /** Removes what scavenging left unfinished: of no use once the log is known to be whole. */
  removeSuperseded(): void {
    for (const file of this.superseded) rmSync(file, { force: true });
  }

  /** Where a position lies on disk. */
  placeOf(position: number): LogPlace {
    const segment = this.segments[this.indexOf(position)];
    if (!segment) return { position, file: segmentFileName(position, 'log'), offset: 0 };
    const { base, kept } = segment;
    const range = kept?.at(position);
    const offset = range ? range.offset + position - range.start : position - base;
    return { position, file: segmentFileName(base, kept ? 'kept' : 'log'), offset };
  }

  /** Where the segment begins behind the one that a position is in; undefined behind the last. */
  endAfter(position: number): number | undefined {
    return this.segments[this.indexOf(position) + 1]?.base;
  }

  /** Where the last file begins. */
  get lastBase(): number {
    return this.segments.at(-1)?.base ?? this.first;
  }

  /** Where the last file ends, or the log would begin. */
  get end(): number {
    const last = this.segments.at(-1);
    if (last?.kept) return last.kept.end;
    return last ? last.base + fstatSync(last.fd).size : this.first;
  }

  /** Whether a segment was scavenged, so that positions may have nothing at them any more. */
  get hasGaps(): boolean {
    return this.segments.some(({ kept }) => kept !== undefined);
  }

  /** The scavenged segment a position is in. */
  scavengedAt(position: number): KeptRanges | undefined {
    const kept = this.segments[this.indexOf(position)]?.kept;
    return kept && position < kept.end ? kept : undefined;
  }

  /** Whether scavenging left what is at a position. */
  isKept(position: number): boolean {
    if (position < this.first) return false; // the place of what damage has taken
    const kept = this.scavengedAt(position);
    return kept === undefined || kept.at(position) !== undefined;
  }

  /** The first position from this one on that scavenging left. */
  keptFrom(position: number): number {
    for (let at = position; ;) {
      const kept = this.scavengedAt(at);
      if (!kept) return at;
      const found = kept.from(at);
      if (found !== undefined) return found;
      at = kept.end;
    }
  }

  /** The last end of something kept up to this position. */
  keptBefore(position: number): number {
    for (let at = position; ;) {
      const kept = at > this.first ? this.scavengedAt(at - 1) : undefined;
      if (!kept) return at;
      const found = kept.before(at);
      if (found !== undefined) return found;
      at = kept.base;
    }
  }

  /** From here on records go into a new segment. */
  endCurrent(): void {
    this.ended = true;
  }

  /** Where the segments begin and end that take no more records. */
  get complete(): readonly { readonly base: number; readonly end: number }[] {
    return this.segments.slice(0, -1).map(({ base }, i) => ({ base, end: this.segments[i + 1]!.base }));
  }

  /**
   * Has a segment keep only these ranges. What it loses is free when this resolves; a process that ends before leaves
   * the segment as it was or as it shall be.
   */
  async keepOnly(kept: KeptRanges, ranges: readonly KeptRange[]): Promise<void> {
    const index = this.segments.findIndex(({ base }) => base === kept.base);
    const old = this.segments[index]!;
    const draft = this.file(kept.base, 'draft');
    const handle = await open(draft, 'w', 0o600);
    try {
      for (const { start, length } of ranges) {
        for (let at = start; at < start + length;) {
          const bytes = this.read(at, Math.min(COPY_BYTES, start + length - at), kept.end);
          await handle.writeFile(bytes);
          at += bytes.length;
        }
      }
      await handle.writeFile(kept.encode());
      await handle.sync();
    } catch (error) {
      await handle.close();
      rmSync(draft, { force: true });
      throw error;
    }
    await handle.close();
    renameSync(draft, this.file(kept.base, 'kept'));
    syncFolder(this.folder);
    this.segments[index] = this.open(kept.base, 'kept');
    closeSync(old.fd);
    rmSync(this.file(kept.base, 'log'), { force: true });
  }

  /** Up to `length` bytes from a position on, as far as its segment goes, or what was kept of it, and not beyond `end`. */
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

  /** Where what lies in one piece up to a position begins: its segment, or the range that was kept of it. */
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
      // Made anew the next time: once a sync has failed, only a new change of the folder has its name written again.
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

  /** @throws DamagedLog unless the files follow one another, up to `head` at least */
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
