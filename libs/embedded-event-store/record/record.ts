import { crc32 } from 'node:zlib';
import { WireWriter, fieldSize, varintSize } from '#libs/protobuf/wire.js';

/** An event as a client proposes it. The buffers may be views of the request. */
export interface ProposedEvent {
  /** 16 bytes. */
  readonly id: Buffer;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

/**
 * A record is the stored form of an event: a header for ourselves, then a body that is already the wire form of
 * event_store.client.streams.ReadResp.ReadEvent.RecordedEvent without id and positions, so that a read is a copy. The
 * length at both ends allows walking in both directions; the record's own position shows that a record begins there.
 * The checksum covers the whole record, including the checksum of the record before. So one record can be checked
 * alone, and only a record that was written directly after another can follow it.
 *
 * header: length of all u32 | position u48 | version u8 | flags u8 | checksum u32 | id 16 bytes |
 *         created f64, ms since 1970 | bytes of stream name u16 | bytes of type u32 | revision f64 (Infinity: tombstone)
 * body:   stream (2), metadata "type" (6), then revision (3), "content-type", "created" (6), metadata (7), data (8)
 * end:    checksum of the record before u32 | length of all u32
 *
 * Version 2, written by older releases, does not contain the checksum of the record before. Its own checksum continues
 * that one, so it can be checked only when that one is known.
 */
const VERSION = 3;
const CHAINED_VERSION = 2;
const POSITION_AT = 4;
const VERSION_AT = 10;
const FLAGS_AT = 11;
const CHECKSUM_AT = 12;
export const ID_AT = 16;
const CREATED_AT = 32;
const NAME_LENGTH_AT = 40;
const TYPE_LENGTH_AT = 42;
const REVISION_AT = 46;
const BODY_AT = 54;
const IS_JSON = 1;
const CLOSES_CHANGE = 2;
/** Flag: everything before this record was synced before this record was written. */
const OPENS_GROUP = 4;
const LENGTH_SIZE = 4;
const END_SIZE = 8;

/** Length that every record has at least. */
export const FRAME_MIN = BODY_AT + LENGTH_SIZE;
/** Largest length of a record: an append has at most 1 MiB, and names and types may add to it. */
const FRAME_MAX = 16 * 1024 * 1024;

/** Largest number of bytes in a stream's name. */
export const MAX_STREAM_NAME = 0xffff;
/** Revision of the event that marks a tombstone. */
export const TOMBSTONE_REVISION = Number.POSITIVE_INFINITY;

const JSON_TYPE = 'application/json';
const OCTETS_TYPE = 'application/octet-stream';
const INT64_MAX_SIZE = 9;
const TICKS_PER_MS = '0000';

/** Returns the number of bytes in the record of an event. */
export const recordSize = (event: ProposedEvent, stream: string, revision: number, created: number): number =>
  BODY_AT +
  fieldSize(fieldSize(Buffer.byteLength(stream))) +
  mapEntrySize(4, Buffer.byteLength(event.type)) +
  1 +
  (revision === TOMBSTONE_REVISION ? INT64_MAX_SIZE : varintSize(revision)) +
  mapEntrySize(12, contentTypeOf(event).length) +
  mapEntrySize(7, ticksOf(created).length) +
  fieldSize(event.metadata.length) +
  fieldSize(event.data.length) +
  END_SIZE;

/** Fills `target`, which has the size of the record. The record is complete once it is sealed. */
export const encodeRecord = (
  target: Buffer,
  event: ProposedEvent,
  stream: string,
  revision: number,
  created: number,
  position: number,
): void => {
  const ticks = ticksOf(created);
  const contentType = contentTypeOf(event);
  const nameLength = Buffer.byteLength(stream);
  const typeLength = Buffer.byteLength(event.type);
  const writer = new WireWriter(target);
  target.writeUInt32BE(target.length, 0);
  target.writeUIntBE(position, POSITION_AT, 6);
  target[VERSION_AT] = VERSION;
  target[FLAGS_AT] = event.isJson ? IS_JSON : 0;
  target.set(event.id, ID_AT);
  target.writeDoubleBE(created, CREATED_AT);
  target.writeUInt16BE(nameLength, NAME_LENGTH_AT);
  target.writeUInt32BE(typeLength, TYPE_LENGTH_AT);
  target.writeDoubleBE(revision, REVISION_AT);
  writer.at = BODY_AT;
  writer.open(2, fieldSize(nameLength)).string(3, stream, nameLength);
  mapEntry(writer, 'type', event.type, typeLength);
  if (revision === TOMBSTONE_REVISION) writer.int64Max(3);
  else writer.uint(3, revision);
  mapEntry(writer, 'content-type', contentType, contentType.length);
  mapEntry(writer, 'created', ticks, ticks.length);
  writer.bytes(7, event.metadata).bytes(8, event.data);
  target.writeUInt32BE(target.length, target.length - LENGTH_SIZE);
};

/** The place of a record: the checksum of the record before it, and whether it ends its change and begins its group. */
export interface RecordPlace {
  readonly previous: number;
  readonly closesChange: boolean;
  readonly opensGroup: boolean;
}

/** Completes a record with its place. Returns its checksum. */
export const sealRecord = (record: Buffer, { previous, closesChange, opensGroup }: RecordPlace): number => {
  if (closesChange) record[FLAGS_AT]! |= CLOSES_CHANGE;
  if (opensGroup) record[FLAGS_AT]! |= OPENS_GROUP;
  record.writeUInt32BE(previous, record.length - END_SIZE);
  const checksum = ownChecksum(record);
  record.writeUInt32BE(checksum, CHECKSUM_AT);
  return checksum;
};

/** Returns whether a record is whole and was written directly after the record with the checksum `previous`. */
export const isSealedBehind = (record: Buffer, previous: number): boolean =>
  isChained(record)
    ? recordChecksum(record) === chainedChecksum(record, previous)
    : recordPrevious(record) === previous && isSound(record);

/** Returns whether a record of full length is as it was written. A chained record can't be checked like this. */
export const isSound = (record: Buffer): boolean => recordChecksum(record) === ownChecksum(record);

/** Returns whether a record can be checked only with the checksum of the record before. */
export const isChained = (record: Buffer, at = 0): boolean => record[at + VERSION_AT] === CHAINED_VERSION;

/** Returns the checksum of the record before; undefined for a chained record, which does not contain it. */
export const recordPrevious = (record: Buffer): number | undefined =>
  isChained(record) ? undefined : previousBefore(record, record.length);

/**
 * Reads the checksum of the preceding record from the record that ends at `end`. A chained record does not contain it.
 */
export const previousBefore = (bytes: Buffer, end: number): number => bytes.readUInt32BE(end - END_SIZE);

/**
 * Computes the checksum in one pass, because every read does it. The header fields before the checksum go into the
 * initial value.
 */
const ownChecksum = (record: Buffer): number =>
  crc32(record.subarray(ID_AT), initialChecksum(record, 0) >>> 0);

/** Returns the initial value of the checksum of the record at `at`, as a signed integer. */
export const initialChecksum = (bytes: Buffer, at: number): number =>
  bytes.readUInt32BE(at) ^ bytes.readUInt32BE(at + POSITION_AT) ^ bytes.readUInt32BE(at + POSITION_AT + 4);

const chainedChecksum = (record: Buffer, previous: number): number =>
  crc32(record.subarray(ID_AT), crc32(record.subarray(0, CHECKSUM_AT), previous));

/** Converts to EventStoreDB's units of 100 ns. */
const ticksOf = (created: number): string => `${created}${TICKS_PER_MS}`;
const contentTypeOf = (event: ProposedEvent): string => (event.isJson ? JSON_TYPE : OCTETS_TYPE);

/** Returns the length of the record at `at`, as its header says. */
export const frameLength = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at);

/** Returns whether `at` has the header of the record at this position of the log. */
export const isFrameAt = (bytes: Buffer, at: number, position: number): boolean =>
  bytes.readUIntBE(at + POSITION_AT, 6) === position && isFrame(bytes, at);

/** Returns whether the bytes at `at` may be a header, for any position. */
export const isFrame = (bytes: Buffer, at: number): boolean => {
  const version = bytes[at + VERSION_AT];
  if (version !== VERSION && version !== CHAINED_VERSION) return false;
  const length = frameLength(bytes, at);
  return length >= BODY_AT + (version === VERSION ? END_SIZE : LENGTH_SIZE) && length <= FRAME_MAX;
};

/** Returns the bytes of the record for this position at `at` of a chunk, if all of them are there. */
export const recordIn = (chunk: Buffer, at: number, position: number): Buffer | undefined => {
  if (at < 0 || at + FRAME_MIN > chunk.length || !isFrameAt(chunk, at, position)) return undefined;
  const length = frameLength(chunk, at);
  return at + length > chunk.length ? undefined : chunk.subarray(at, at + length);
};

/** Returns whether a possible record also ends like one, with its length. */
export const endsWithLength = (record: Buffer): boolean =>
  record.readUInt32BE(record.length - LENGTH_SIZE) === record.length;

/** Returns the position that a record gives for itself. */
export const recordPosition = (record: Buffer): number => record.readUIntBE(POSITION_AT, 6);

const mapEntrySize = (key: number, value: number): number => fieldSize(fieldSize(key) + fieldSize(value));

const mapEntry = (writer: WireWriter, key: string, value: string, valueLength: number): void => {
  writer.open(6, fieldSize(key.length) + fieldSize(valueLength));
  writer.string(1, key, key.length).string(2, value, valueLength);
};

export const recordChecksum = (record: Buffer): number => checksumAt(record, 0);
/** Returns the checksum that the record at `at` contains. */
export const checksumAt = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + CHECKSUM_AT);
export const recordIsJson = (record: Buffer): boolean => (record[FLAGS_AT]! & IS_JSON) !== 0;
export const recordClosesChange = (record: Buffer): boolean => (record[FLAGS_AT]! & CLOSES_CHANGE) !== 0;

/** Returns the id: 16 bytes, a view of the record. */
export const recordId = (record: Buffer): Buffer => record.subarray(ID_AT, CREATED_AT);
export const recordCreated = (record: Buffer): number => record.readDoubleBE(CREATED_AT);
export const recordRevision = (record: Buffer): number => record.readDoubleBE(REVISION_AT);
export const recordOpensGroup = (record: Buffer): boolean => (record[FLAGS_AT]! & OPENS_GROUP) !== 0;
export const recordBody = (record: Buffer): Buffer =>
  record.subarray(BODY_AT, record.length - (isChained(record) ? LENGTH_SIZE : END_SIZE));

export const recordStream = (record: Buffer): string => {
  const length = record.readUInt16BE(NAME_LENGTH_AT);
  const end = BODY_AT + fieldSize(fieldSize(length));
  return record.toString('utf8', end - length, end);
};

export const recordType = (record: Buffer): string => {
  const nameLength = record.readUInt16BE(NAME_LENGTH_AT);
  const length = record.readUInt32BE(TYPE_LENGTH_AT);
  const end = BODY_AT + fieldSize(fieldSize(nameLength)) + mapEntrySize(4, length);
  return record.toString('utf8', end - length, end);
};

/** Returns the event's own data, a view of the record. */
export const recordData = (record: Buffer): Buffer => bytesOf(record, 8);
/** Returns the event's own metadata, a view of the record. */
export const recordMetadata = (record: Buffer): Buffer => bytesOf(record, 7);

const bytesOf = (record: Buffer, wanted: 7 | 8): Buffer => {
  let at = BODY_AT;
  for (;;) {
    const field = record[at]! >>> 3;
    const isVarint = (record[at]! & 7) === 0;
    let length = 0;
    let shift = 1;
    do {
      at += 1;
      length += (record[at]! & 0x7f) * shift;
      shift *= 0x80;
    } while (record[at]! >= 0x80);
    at += 1;
    if (field === wanted) return record.subarray(at, at + length);
    if (!isVarint) at += length;
  }
};
