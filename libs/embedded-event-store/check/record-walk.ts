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
} from '../storage/record.js';

const CHUNK = 1024 * 1024;
const LENGTH_SIZE = 4;

/** Bytes of a file. */
export interface Bytes {
  readonly size: number;
  /** As many as there are, at most `length`. */
  read(offset: number, length: number): Buffer;
}

/** What lies at a place of a file: a whole record, or bytes that belong to none. */
export type Finding =
  | {
      readonly kind: 'record';
      readonly offset: number;
      readonly record: Buffer;
      /** Whether it was written right behind the record that lies before it; undefined if there is none to compare with. */
      readonly follows: boolean | undefined;
    }
  | { readonly kind: 'hole'; readonly offset: number; readonly length: number };

/**
 * Everything in a stretch of a file, whole records and holes between them, whatever is damaged: behind a hole it goes on
 * with the next record that is whole, at whatever byte that begins. A record of an older release has no sum of its own: it
 * is whole if it goes on from the one before, or, behind a hole, if it is where it says it is.
 */
export class RecordWalk {
  private chunk: Buffer = Buffer.alloc(0);
  private chunkAt = 0;

  constructor(
    private readonly file: Bytes,
    /** Position that a byte of the file is at. */
    private readonly positionOf: (offset: number) => number,
  ) {}

  /** @param previous checksum of the record that lies before the stretch, if it is known */
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
      // Its end is looked at before all of what may be no record is read.
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
