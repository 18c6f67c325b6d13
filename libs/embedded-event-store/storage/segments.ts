import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncate,
  fsyncSync,
  openSync,
  readSync,
  readdirSync,
  writev,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { DamagedLog } from './damaged-log.js';

const writeAsync = promisify(writev);
const syncAsync = promisify(fdatasync);
const truncateAsync = promisify(ftruncate);

/** A segment takes no more records once it has so many bytes: scavenging rewrites one at a time. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Buffers one call takes (IOV_MAX of Linux). */
const MOST_AT_ONCE = 1024;
const FILE_NAME = /^events-(?<base>\d{16})\.log$/u;

interface Segment {
  /** Position of its first byte. */
  readonly base: number;
  readonly fd: number;
}

/**
 * The bytes of the log in files that follow one another. A position is a place in all of them; what is beyond the
 * head was never committed and is written over.
 */
export class Segments {
  private readonly segments: Segment[] = [];

  /** @throws DamagedLog if files are missing or end before `head` */
  constructor(
    private readonly folder: string,
    private readonly first: number,
    head: number,
  ) {
    const bases = readdirSync(folder)
      .map((name) => FILE_NAME.exec(name)?.groups?.['base'])
      .filter((base) => base !== undefined)
      .map(Number)
      .toSorted((a, b) => a - b);
    try {
      for (const base of bases) this.segments.push({ base, fd: openSync(this.file(base), 'r+') });
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

  /** Where the last file ends, or the log would begin. */
  get end(): number {
    const last = this.segments.at(-1);
    return last ? last.base + fstatSync(last.fd).size : this.first;
  }

  /** @throws DamagedLog if there are files for what comes behind the log's end */
  checkEnd(head: number): void {
    if ((this.segments.at(-1)?.base ?? head) > head)
      throw new DamagedLog(`The log in ${this.folder} breaks off at position ${head}, before its last file`);
  }

  /** Up to `length` bytes from a position on, as far as its segment goes, and not beyond `end`. */
  read(position: number, length: number, end: number): Buffer {
    const index = this.indexOf(position);
    const segment = this.segments[index];
    if (!segment) throw new DamagedLog(`The log has nothing at position ${position}`);
    const segmentEnd = this.segments[index + 1]?.base ?? end;
    const wanted = Math.max(0, Math.min(length, end - position, segmentEnd - position));
    const bytes = Buffer.allocUnsafe(wanted);
    let read = 0;
    while (read < wanted) {
      const count = readSync(segment.fd, bytes, read, wanted - read, position - segment.base + read);
      if (count === 0) throw new DamagedLog(`The log ends before position ${position + wanted}`);
      read += count;
    }
    return bytes;
  }

  /** Position where the segment that ends at, or holds the byte before, a position begins. */
  baseBefore(position: number): number {
    return this.segments[this.indexOf(position - 1)]?.base ?? position;
  }

  close(): void {
    for (const { fd } of this.segments.splice(0)) closeSync(fd);
  }

  private segmentForWriting(position: number): Segment {
    const last = this.segments.at(-1);
    if (last && position - last.base < SEGMENT_BYTES) return last;
    const segment = { base: position, fd: openSync(this.file(position), 'w+', 0o600) };
    try {
      syncFolder(this.folder);
    } catch (error) {
      closeSync(segment.fd);
      throw error;
    }
    this.segments.push(segment);
    return segment;
  }

  private indexOf(position: number): number {
    return this.segments.findLastIndex(({ base }) => base <= position);
  }

  private check(head: number): void {
    const last = this.segments.at(-1);
    if (head === this.first && (!last || last.base === head)) return;
    if (!last || this.segments[0]!.base !== this.first)
      throw new DamagedLog(`Files of the log are missing in ${this.folder}`);
    this.segments.forEach(({ base, fd }, i) => {
      const end = this.segments[i + 1]?.base ?? Math.max(base, head);
      if (fstatSync(fd).size < end - base) throw new DamagedLog(`${this.file(base)} is shorter than it was`);
    });
  }

  private file(base: number): string {
    return path.join(this.folder, `events-${String(base).padStart(16, '0')}.log`);
  }
}

/** What is left of chunks whose first bytes were written. */
const withoutFirst = (chunks: readonly Buffer[], written: number): readonly Buffer[] => {
  let index = 0;
  let left = written;
  while (index < chunks.length && left >= chunks[index]!.length) left -= chunks[index++]!.length;
  return left === 0 ? chunks.slice(index) : [chunks[index]!.subarray(left), ...chunks.slice(index + 1)];
};

/** Makes the name of a new file survive a loss of power. Windows has no such call and needs none. */
const syncFolder = (folder: string): void => {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};
