import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { comparePositions, positionOf, type LogPosition } from '#libs/event-store/position.js';

/**
 * A block of the index: where events lie that have a term, for a stretch of the log. It is written once.
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | `VIX1` |
 * | 4 | number of entries |
 * | 16 | commit and prepare position of the last event that was looked at |
 * | 36 | the id of that event, as text |
 * | 4 | length of the names |
 * | 257 × 4 | for each first byte of a hash, the number of its first entry; at last the number of entries |
 * | 256 × 4 | CRC-32 of the entries with that first byte |
 * | | names of cursor streams that are in no earlier block, as a JSON array |
 * | 4 | CRC-32 of everything before |
 * | 24 each | entries in order: hash of the term (8), commit and prepare position |
 *
 * All numbers have the higher byte first.
 */
export type BlockHead = Readonly<{
  bytes: number;
  last: IndexedTo;
  cursorStreams: readonly string[];
  firsts: readonly number[];
  sums: readonly number[];
}>;

/** The last event that an index has looked at. */
export type IndexedTo = Readonly<{ position: LogPosition; eventId: string }>;

/** Where an event lies that has a term. */
export type IndexEntry = Readonly<{ hash: bigint; position: LogPosition }>;

/** The part of a block that holds all entries whose hash begins with one byte. */
export type Bucket = Readonly<{ offset: number; length: number; sum: number }>;

/** Thrown for a block whose bytes are not those that were written. */
export class DamagedBlock extends Error {
  override readonly name = 'DamagedBlock';
}

const MAGIC = 'VIX1';
const ID_CHARACTERS = 36;
const DIRECTORY = 4 + 4 + 16 + ID_CHARACTERS + 4;
const BUCKETS = 256;
const NAMES = DIRECTORY + (BUCKETS + 1) * 4 + BUCKETS * 4;
const ENTRY_BYTES = 24;
const SUM_BYTES = 4;
const FIRST_BYTE = 56n;

/** Bytes of a head without its names. */
export const FIXED_HEAD_BYTES = NAMES;

/** Returns the hash of a term, the first 8 bytes of its SHA-256. Nobody can choose ids that crowd in one bucket. */
export const hashTerm = (term: string): bigint => hash('sha256', term, 'buffer').readBigUInt64BE();

/** Returns the bytes of a block. */
export const encodeBlock = (
  entries: readonly IndexEntry[],
  last: IndexedTo,
  cursorStreams: readonly string[],
): Buffer => {
  const sorted = entries.toSorted(
    (a, b) => compareNumbers(a.hash, b.hash) || comparePositions(a.position, b.position),
  );
  const body = Buffer.alloc(sorted.length * ENTRY_BYTES);
  const firsts: number[] = [];
  sorted.forEach((entry, index) => {
    while (firsts.length <= bucketOf(entry.hash)) firsts.push(index);
    writeEntry(body, index * ENTRY_BYTES, entry);
  });
  while (firsts.length <= BUCKETS) firsts.push(sorted.length);
  return Buffer.concat([encodeHead(body, firsts, last, cursorStreams), body]);
};

const encodeHead = (
  body: Buffer,
  firsts: readonly number[],
  last: IndexedTo,
  cursorStreams: readonly string[],
): Buffer => {
  const names = Buffer.from(JSON.stringify(cursorStreams));
  const head = Buffer.alloc(NAMES + names.length + SUM_BYTES);
  head.write(MAGIC, 0, 'latin1');
  head.writeUInt32BE(body.length / ENTRY_BYTES, 4);
  head.writeBigUInt64BE(last.position.commit, 8);
  head.writeBigUInt64BE(last.position.prepare, 16);
  head.write(last.eventId.padEnd(ID_CHARACTERS), 24, ID_CHARACTERS, 'latin1');
  head.writeUInt32BE(names.length, DIRECTORY - 4);
  firsts.forEach((first, at) => head.writeUInt32BE(first, DIRECTORY + 4 * at));
  for (let at = 0; at < BUCKETS; at += 1) {
    const bucket = body.subarray(firsts[at]! * ENTRY_BYTES, firsts[at + 1]! * ENTRY_BYTES);
    head.writeUInt32BE(crc32(bucket), DIRECTORY + (BUCKETS + 1 + at) * 4);
  }
  names.copy(head, NAMES);
  head.writeUInt32BE(crc32(head.subarray(0, -SUM_BYTES)), head.length - SUM_BYTES);
  return head;
};

/** Returns how many bytes the head of a block has, from its first {@link FIXED_HEAD_BYTES}. */
export const headBytes = (start: Buffer): number =>
  start.length < NAMES ? NAMES : NAMES + start.readUInt32BE(DIRECTORY - 4) + SUM_BYTES;

/** Reads the head of a block. @throws DamagedBlock */
export const readHead = (head: Buffer): BlockHead => {
  const sumAt = head.length - SUM_BYTES;
  const isWhole =
    head.length === headBytes(head) &&
    sumAt >= NAMES &&
    head.toString('latin1', 0, 4) === MAGIC &&
    head.readUInt32BE(sumAt) === crc32(head.subarray(0, sumAt));
  const position = isWhole && positionOf(head.readBigUInt64BE(8), head.readBigUInt64BE(16));
  if (!position) throw new DamagedBlock('The head of a block is damaged');
  const numbers = (count: number, from: number): number[] =>
    Array.from({ length: count }, (_, at) => head.readUInt32BE(from + 4 * at));
  return {
    bytes: head.length,
    last: { position, eventId: head.toString('latin1', 24, 24 + ID_CHARACTERS).trimEnd() },
    cursorStreams: JSON.parse(head.toString('utf8', NAMES, sumAt)) as string[],
    firsts: numbers(BUCKETS + 1, DIRECTORY),
    sums: numbers(BUCKETS, DIRECTORY + (BUCKETS + 1) * 4),
  };
};

/** Returns where a block holds the entries of this hash, if it has any. */
export const bucketFor = ({ bytes, firsts, sums }: BlockHead, hashed: bigint): Bucket => {
  const at = bucketOf(hashed);
  const [first, next] = [firsts[at]!, firsts[at + 1]!];
  return { offset: bytes + first * ENTRY_BYTES, length: (next - first) * ENTRY_BYTES, sum: sums[at]! };
};

/** Returns the places of a hash in a bucket, in the order of the log. @throws DamagedBlock */
export const placesIn = (bytes: Buffer, { sum, length }: Bucket, hashed: bigint): LogPosition[] => {
  if (bytes.length !== length || crc32(bytes) !== sum) throw new DamagedBlock('A block is damaged');
  const places: LogPosition[] = [];
  for (let at = firstAt(bytes, hashed); at < length; at += ENTRY_BYTES) {
    if (bytes.readBigUInt64BE(at) !== hashed) break;
    places.push({ commit: bytes.readBigUInt64BE(at + 8), prepare: bytes.readBigUInt64BE(at + 16) });
  }
  return places;
};

/** Returns where the first entry lies whose hash is not below this one. */
const firstAt = (bytes: Buffer, hashed: bigint): number => {
  let low = 0;
  let high = bytes.length / ENTRY_BYTES;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (bytes.readBigUInt64BE(middle * ENTRY_BYTES) < hashed) low = middle + 1;
    else high = middle;
  }
  return low * ENTRY_BYTES;
};

const writeEntry = (into: Buffer, at: number, { hash: hashed, position }: IndexEntry): void => {
  into.writeBigUInt64BE(hashed, at);
  into.writeBigUInt64BE(position.commit, at + 8);
  into.writeBigUInt64BE(position.prepare, at + 16);
};

const bucketOf = (hashed: bigint): number => Number(hashed >> FIRST_BYTE);

const compareNumbers = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
