import {
  FRAME_MIN,
  endsWithLength,
  frameLength,
  isChained,
  isFrame,
  isSealedBehind,
  isSound,
  recordChecksum,
  recordPosition,
} from '../record/record.js';

const CHUNK = 1024 * 1024;
const LENGTH_SIZE = 4;

/** Gives access to the bytes of a file. */
export interface Bytes {
  readonly size: number;
  /** Returns the bytes at an offset: `length` of them, or fewer at the end of the file. */
  read(offset: number, length: number): Buffer;
}

/** A stretch of a file: a whole record, or bytes that belong to no record. */
export type Finding =
  | {
      readonly kind: 'record';
      readonly offset: number;
      readonly record: Buffer;
      /**
       * Whether it was written directly after the record that lies before it; undefined if there is no such record to
       * compare with.
       */
      readonly follows: boolean | undefined;
    }
  | { readonly kind: 'hole'; readonly offset: number; readonly length: number };

/**
 * Yields everything in a stretch of a file: whole records, and the holes between them. After a hole it goes on with the
 * next whole record, at any byte. A record of an older release has no checksum of its own. It counts as whole if it is
 * chained to the record before it or, after a hole, if it lies at the position that it names.
 */
export class RecordWalk {
  private chunk: Buffer = Buffer.alloc(0);
  private chunkAt = 0;

  constructor(
    private readonly file: Bytes,
    /** Returns the log position of a byte in the file. */
    private readonly positionOf: (offset: number) => number,
  ) {}

  /** @param previous checksum of the record before the stretch, if it is known */
  *findings(from: number, to: number, previous: number | undefined): Generator<Finding> {
    let before = previous;
    let hole: number | undefined;
    for (let at = from; at < to;) {
      const record = this.recordAt(at, to, before);
      if (!record) {
        hole ??= at;
        before = undefined;
        at += 1;
        continue;
      }
      if (hole !== undefined) yield { kind: 'hole', offset: hole, length: at - hole };
      hole = undefined;
      yield {
        kind: 'record',
        offset: at,
        record,
        follows: before === undefined ? undefined : isSealedBehind(record, before),
      };
      before = recordChecksum(record);
      at += record.length;
    }
    if (hole !== undefined) yield { kind: 'hole', offset: hole, length: to - hole };
  }

  private recordAt(offset: number, to: number, previous: number | undefined): Buffer | undefined {
    if (offset + FRAME_MIN > to) return undefined;
    if (offset < this.chunkAt || offset + FRAME_MIN > this.chunkAt + this.chunk.length)
      this.load(offset, CHUNK);
    let at = offset - this.chunkAt;
    if (at + FRAME_MIN > this.chunk.length || !isFrame(this.chunk, at)) return undefined;
    const length = frameLength(this.chunk, at);
    if (offset + length > to) return undefined;
    if (at + length > this.chunk.length) {
      // Checks the end first, to avoid reading all of something that may be no record.
      const end = this.file.read(offset + length - LENGTH_SIZE, LENGTH_SIZE);
      if (end.length < LENGTH_SIZE || end.readUInt32BE(0) !== length) return undefined;
      this.load(offset, Math.max(CHUNK, length));
      at = 0;
    }
    const record = this.chunk.subarray(at, at + length);
    return record.length === length && endsWithLength(record) && this.isWhole(record, offset, previous)
      ? record
      : undefined;
  }

  private isWhole(record: Buffer, offset: number, previous: number | undefined): boolean {
    if (!isChained(record)) return isSound(record);
    if (recordPosition(record) !== this.positionOf(offset)) return false;
    return previous === undefined || isSealedBehind(record, previous);
  }

  private load(offset: number, length: number): void {
    this.chunk = this.file.read(offset, length);
    this.chunkAt = offset;
  }
}
