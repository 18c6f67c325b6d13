import { crc32 } from 'node:zlib';
import { crc32Difference, crc32OfSixteen } from './crc32-parts.js';
import {
  FRAME_MIN,
  ID_AT,
  checksumAt,
  frameLength,
  initialChecksum,
  isChained,
  isFrameAt,
  previousBefore,
} from './record.js';

/**
 * Returns where the whole records at the beginning of these bytes end: records that follow one another, from this
 * position of the log on, at most `most` of them. Returns 0 if they are not as they were written; then each of them has
 * to be checked by itself.
 *
 * One call computes the checksum of all their bytes. A call for each record would cost more than the computing. What
 * the checksum must be follows from those in the records, because CRC-32 is linear. If one record is wrong, this is
 * noticed exactly if its own checksum shows it.
 */
export const soundRunEnd = (bytes: Buffer, position: number, most: number): number => {
  let at = 0;
  let sum = 0;
  let previous: number | undefined;
  for (let count = 0; count < most && at + FRAME_MIN <= bytes.length; count += 1) {
    if (!isFrameAt(bytes, at, position + at) || isChained(bytes, at)) break;
    const end = at + frameLength(bytes, at);
    if (end > bytes.length) break;
    if (previous !== undefined && previousBefore(bytes, end) !== previous) break;
    previous = checksumAt(bytes, at);
    sum = sumBehind(bytes, at, end, sum);
    at = end;
  }
  return isSumOf(sum, bytes.subarray(0, at)) ? at : 0;
};

/** Returns the checksum of all bytes up to the end of a record, given the one up to its beginning. */
const sumBehind = (bytes: Buffer, at: number, end: number, before: number): number =>
  checksumAt(bytes, at) ^
  crc32Difference(crc32OfSixteen(bytes, at, before) ^ initialChecksum(bytes, at), end - at - ID_AT);

const isSumOf = (sum: number, bytes: Buffer): boolean => crc32(bytes) === sum >>> 0;
