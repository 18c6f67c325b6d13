import { crc32 } from 'node:zlib';
import { DamagedLog } from '../record/damaged-log.js';

/** Records that lie together, both in the log and in the file that still has them. */
export interface KeptRange {
  /** Position of the first record. */
  readonly start: number;
  readonly length: number;
}

const ENTRY = 8;
const FOOTER = 24;
const MAGIC = Buffer.from('VBKEPT01');

/**
 * Lists what a scavenged segment still has. Its file holds the kept records one after the other, then this table, with
 * which they are found at their old positions:
 *
 * range:  start, counted from the segment's base u32 | length u32
 * footer: magic 8 bytes | ranges u32 | bytes of the segment before it was scavenged u32 |
 *         checksum of its last record u32 | CRC-32 of the whole table before it u32
 */
export class KeptRanges {
  /** Offset of each range in the file. */
  private readonly offsets: Float64Array;

  constructor(
    readonly base: number,
    private readonly ranges: readonly KeptRange[],
    /** Position behind the segment. */
    readonly end: number,
    /**
     * Checksum of the last record that was ever in the segment. The first record of the next segment is chained to it.
     */
    readonly checksum: number,
  ) {
    this.offsets = new Float64Array(ranges.length);
    let offset = 0;
    for (const [i, { length }] of ranges.entries()) {
      this.offsets[i] = offset;
      offset += length;
    }
  }

  /** Bytes of records in the file. */
  get size(): number {
    const last = this.ranges.length - 1;
    return last < 0 ? 0 : this.offsets[last]! + this.ranges[last]!.length;
  }

  /** Returns all ranges with their offsets in the file. */
  allRanges(): (KeptRange & { offset: number })[] {
    return this.ranges.map((range, i) => ({ ...range, offset: this.offsets[i]! }));
  }

  /** Returns the log position of a byte in the file. */
  positionOf(offset: number): number | undefined {
    const index = this.offsets.findLastIndex((begin) => begin <= offset);
    const range = this.ranges[index];
    return range && range.start + offset - this.offsets[index]!;
  }

  /** Returns the range that contains a position, with its offset in the file. */
  at(position: number): (KeptRange & { offset: number }) | undefined {
    const index = this.indexOf(position);
    const range = this.ranges[index];
    if (!range || position >= range.start + range.length) return undefined;
    return { ...range, offset: this.offsets[index]! };
  }

  /** Returns the first kept position from `position` on; undefined if there is none. */
  from(position: number): number | undefined {
    if (this.at(position)) return position;
    return this.ranges[this.indexOf(position) + 1]?.start;
  }

  /**
   * Returns the end of the nearest range that begins before a position, or the position if that is smaller; undefined
   * if there is no such range.
   */
  before(position: number): number | undefined {
    const range = this.ranges[this.indexOf(position - 1)];
    return range && Math.min(position, range.start + range.length);
  }

  encode(): Buffer {
    const bytes = Buffer.alloc(this.ranges.length * ENTRY + FOOTER);
    let at = 0;
    for (const { start, length } of this.ranges) {
      at = bytes.writeUInt32BE(start - this.base, at);
      at = bytes.writeUInt32BE(length, at);
    }
    at += MAGIC.copy(bytes, at);
    at = bytes.writeUInt32BE(this.ranges.length, at);
    at = bytes.writeUInt32BE(this.end - this.base, at);
    at = bytes.writeUInt32BE(this.checksum, at);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, at)), at);
    return bytes;
  }

  /** Reads the table from a file of `size` bytes. @throws DamagedLog if there is no such table at its end */
  static decode(base: number, size: number, read: (offset: number, length: number) => Buffer): KeptRanges {
    const damaged = (): DamagedLog => new DamagedLog(`The scavenged file of position ${base} is damaged`);
    if (size < FOOTER) throw damaged();
    const footer = read(size - FOOTER, FOOTER);
    const count = footer.readUInt32BE(8);
    const tableSize = count * ENTRY + FOOTER;
    if (!footer.subarray(0, MAGIC.length).equals(MAGIC) || size < tableSize) throw damaged();
    const table = read(size - tableSize, tableSize);
    if (crc32(table.subarray(0, tableSize - 4)) !== table.readUInt32BE(tableSize - 4)) throw damaged();
    const ranges = Array.from({ length: count }, (_, i) => ({
      start: base + table.readUInt32BE(i * ENTRY),
      length: table.readUInt32BE(i * ENTRY + 4),
    }));
    const kept = new KeptRanges(base, ranges, base + footer.readUInt32BE(12), footer.readUInt32BE(16));
    if (kept.size + tableSize !== size) throw damaged();
    return kept;
  }

  /** Returns the index of the last range that begins at or before a position; -1 if there is none. */
  private indexOf(position: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ranges[middle]!.start <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
