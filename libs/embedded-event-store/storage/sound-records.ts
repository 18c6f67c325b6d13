import {
  FRAME_MIN,
  endsWithLength,
  frameLength,
  isChained,
  isFrame,
  isSound,
  recordPosition,
} from './record.js';
import type { Segments } from './segments.js';

const CHUNK = 1024 * 1024;
const LENGTH_SIZE = 4;

/** A record found without a record that leads to it. */
export interface SoundRecord {
  /** Where it lies. Its own position is another if it was moved. */
  readonly at: number;
  readonly record: Buffer;
}

/**
 * Records from a place on, at whatever byte they begin, up to the end of the piece that the place is in (its segment, or
 * what was kept of it): what is whole behind damage. One of an older release, which has no sum of its own, counts if it
 * is at its own position.
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
      if (isCut && !isLast && at > 0) break; // begins the next chunk
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

/** Looks at its end before it reads all of what may be no record. */
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
