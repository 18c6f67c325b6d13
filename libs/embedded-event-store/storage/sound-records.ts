import {
  FRAME_MIN,
  endsWithLength,
  frameLength,
  isChained,
  isFrame,
  isSound,
  recordPosition,
} from '../record/record.js';
import type { Segments } from './segments.js';

const CHUNK = 1024 * 1024;
const LENGTH_SIZE = 4;

/** A record that was found without following a chain to it. */
export interface SoundRecord {
  /** Position where it lies. If it was moved, the position in the record is another. */
  readonly at: number;
  readonly record: Buffer;
}

/**
 * Yields whole records from a place on, beginning at any byte, up to the end of the piece that contains the place (its
 * segment, or the range that was kept of it). It finds what is whole behind damage. A record of an older release, which
 * has no checksum of its own, counts if it lies at the position that it names.
 */
export function* soundRecords(segments: Segments, from: number, end: number): Generator<SoundRecord> {
  for (let start = from; start < end;) {
    const chunk = segments.read(start, CHUNK, end);
    if (chunk.length < FRAME_MIN) return;
    const isLast = chunk.length < CHUNK;
    let at = 0;
    while (at + FRAME_MIN <= chunk.length) {
      if (!isFrame(chunk, at)) {
        at += 1;
        continue;
      }
      const length = frameLength(chunk, at);
      const isCut = at + length > chunk.length;
      if (isCut && !isLast && at > 0) break; // read again with the next chunk
      const record = isCut ? longRecord(segments, start + at, length, end) : chunk.subarray(at, at + length);
      if (record && isWholeAt(record, start + at)) {
        yield { at: start + at, record };
        at += length;
      } else at += 1;
    }
    start += Math.max(at, 1);
    if (isLast && at + FRAME_MIN > chunk.length) return;
  }
}

/** Checks the end first, to avoid reading all of something that may be no record. */
const longRecord = (segments: Segments, at: number, length: number, end: number): Buffer | undefined => {
  const lengthAt = at + length - LENGTH_SIZE;
  if (lengthAt + LENGTH_SIZE > end) return undefined;
  const last = segments.read(lengthAt, LENGTH_SIZE, end);
  if (last.length < LENGTH_SIZE || last.readUInt32BE(0) !== length) return undefined;
  const record = segments.read(at, length, end);
  return record.length === length ? record : undefined;
};

const isWholeAt = (record: Buffer, at: number): boolean =>
  endsWithLength(record) && (isChained(record) ? recordPosition(record) === at : isSound(record));
