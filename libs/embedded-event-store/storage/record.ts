import { WireWriter, fieldSize, varintSize } from '../protocol/wire.js';

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
 * A record is what is stored of an event: a header for ourselves, then a body that is already the wire form of
 * event_store.client.streams.ReadResp.ReadEvent.RecordedEvent but for id and positions, so that a read is a copy.
 *
 * header: version u8 | flags u8 | id 16 bytes | created f64, ms since 1970 | bytes of stream name u16 |
 *         bytes of type u32 | revision f64 (Infinity: tombstone)
 * body:   stream (2), metadata "type" (6), then revision (3), "content-type", "created" (6), metadata (7), data (8)
 */
const VERSION = 1;
const ID_AT = 2;
const CREATED_AT = 18;
const NAME_LENGTH_AT = 26;
const TYPE_LENGTH_AT = 28;
const REVISION_AT = 32;
const BODY_AT = 40;

/** Bytes a stream's name may have. */
export const MAX_STREAM_NAME = 0xffff;
/** Revision of the event that a tombstone is. */
export const TOMBSTONE_REVISION = Number.POSITIVE_INFINITY;

const JSON_TYPE = 'application/json';
const OCTETS_TYPE = 'application/octet-stream';
const INT64_MAX_SIZE = 9;
const TICKS_PER_MS = '0000';

export const encodeRecord = (
  event: ProposedEvent,
  stream: string,
  revision: number,
  created: number,
): Buffer => {
  const ticks = `${created}${TICKS_PER_MS}`;
  const contentType = event.isJson ? JSON_TYPE : OCTETS_TYPE;
  const nameLength = Buffer.byteLength(stream);
  const typeLength = Buffer.byteLength(event.type);
  const isTombstone = revision === TOMBSTONE_REVISION;
  const writer = new WireWriter(
    Buffer.allocUnsafe(
      BODY_AT +
        fieldSize(fieldSize(nameLength)) +
        mapEntrySize(4, typeLength) +
        1 +
        (isTombstone ? INT64_MAX_SIZE : varintSize(revision)) +
        mapEntrySize(12, contentType.length) +
        mapEntrySize(7, ticks.length) +
        fieldSize(event.metadata.length) +
        fieldSize(event.data.length),
    ),
  );
  const { target } = writer;
  target[0] = VERSION;
  target[1] = 0;
  target.set(event.id, ID_AT);
  target.writeDoubleBE(created, CREATED_AT);
  target.writeUInt16BE(nameLength, NAME_LENGTH_AT);
  target.writeUInt32BE(typeLength, TYPE_LENGTH_AT);
  target.writeDoubleBE(revision, REVISION_AT);
  writer.at = BODY_AT;
  writer.open(2, fieldSize(nameLength)).string(3, stream, nameLength);
  mapEntry(writer, 'type', event.type, typeLength);
  if (isTombstone) writer.int64Max(3);
  else writer.uint(3, revision);
  mapEntry(writer, 'content-type', contentType, contentType.length);
  mapEntry(writer, 'created', ticks, ticks.length);
  writer.bytes(7, event.metadata).bytes(8, event.data);
  return target;
};

const mapEntrySize = (key: number, value: number): number => fieldSize(fieldSize(key) + fieldSize(value));

const mapEntry = (writer: WireWriter, key: string, value: string, valueLength: number): void => {
  writer.open(6, fieldSize(key.length) + fieldSize(valueLength));
  writer.string(1, key, key.length).string(2, value, valueLength);
};

/** 16 bytes as latin1 text: short, and a key of maps. */
export const recordId = (record: Buffer): string => record.toString('latin1', ID_AT, CREATED_AT);
export const recordIdBytes = (record: Buffer): Buffer => record.subarray(ID_AT, CREATED_AT);
export const recordCreated = (record: Buffer): number => record.readDoubleBE(CREATED_AT);
export const recordRevision = (record: Buffer): number => record.readDoubleBE(REVISION_AT);
export const recordBody = (record: Buffer): Buffer => record.subarray(BODY_AT);

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

/** The event's own data, a view of the record: the last field, so what is left after its length. */
export const recordData = (record: Buffer): Buffer => {
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
    if (field === 8) return record.subarray(at, at + length);
    if (!isVarint) at += length;
  }
};
