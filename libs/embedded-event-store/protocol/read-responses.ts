import { ID_AT, recordBody, recordId } from '../record/record.js';
import { NO_POSITION, type LogPosition } from '../rules/log-position.js';
import { uuidText } from '../rules/uuid.js';
import { WireWriter, fieldSize, varintSize } from '#libs/protobuf/wire.js';

/** The form in which a client wants ids: as text, or as two halves of 64 bits. */
export type UuidForm = 'text' | 'structured';

const TEXT_SIZE = 36;

/** A record and its position in the log. */
export interface PlacedRecord {
  readonly record: Buffer;
  readonly position: number;
}

/**
 * Encodes a ReadResp with one event and its position in the log, which reads of one stream also contain
 * (ResolvedEvent.cs, CalculatePosition).
 */
export const readEventFrame = (event: PlacedRecord, uuids: UuidForm): Buffer => {
  const id = structuredId(event, uuids);
  const recorded = recordedSize(event, id);
  const content = fieldSize(recorded) + 1 + varintSize(event.position);
  const writer = new WireWriter(Buffer.allocUnsafe(fieldSize(content))).open(1, content);
  writeRecorded(writer, 1, event, id, recorded);
  return writer.uint(3, event.position).target;
};

/**
 * Encodes a ReadResp with a link and its event, or with the link alone if the event can't be read (ResolvedEvent.cs).
 */
export const readLinkFrame = (
  link: PlacedRecord,
  event: PlacedRecord | undefined,
  uuids: UuidForm,
): Buffer => {
  const linkId = structuredId(link, uuids);
  const linkSize = recordedSize(link, linkId);
  const eventId = event && structuredId(event, uuids);
  const eventSize = event ? recordedSize(event, eventId) : 0;
  const content = (event ? fieldSize(eventSize) : 0) + fieldSize(linkSize) + 1 + varintSize(link.position);
  const writer = new WireWriter(Buffer.allocUnsafe(fieldSize(content))).open(1, content);
  if (event) writeRecorded(writer, 1, event, eventId, eventSize);
  writeRecorded(writer, 2, link, linkId, linkSize);
  return writer.uint(3, link.position).target;
};

/** Encodes an id as two halves; undefined for the text form, which is written in place. */
const structuredId = ({ record }: PlacedRecord, uuids: UuidForm): Buffer | undefined =>
  uuids === 'text' ? undefined : structuredUuid(recordId(record));

const recordedSize = ({ record, position }: PlacedRecord, id: Buffer | undefined): number =>
  fieldSize(id ? id.length : fieldSize(TEXT_SIZE)) +
  2 * (1 + varintSize(position)) +
  recordBody(record).length;

const writeRecorded = (
  writer: WireWriter,
  field: number,
  { record, position }: PlacedRecord,
  id: Buffer | undefined,
  size: number,
): void => {
  writer.open(field, size);
  if (id) writer.bytes(1, id);
  else {
    writer.open(1, fieldSize(TEXT_SIZE)).open(2, TEXT_SIZE);
    writer.at += writer.target.write(uuidText(record, ID_AT), writer.at, 'latin1');
  }
  writer.uint(4, position).uint(5, position).raw(recordBody(record));
};

export const structuredUuid = (id: Buffer): Buffer => {
  const writer = WireWriter.small();
  for (const [field, at] of [
    [1, 0],
    [2, 8],
  ] as const) {
    writer.target[writer.at++] = field << 3;
    let rest = id.readBigUInt64BE(at);
    for (; rest >= 0x80n; rest >>= 7n) writer.target[writer.at++] = Number(rest & 0x7fn) | 0x80;
    writer.target[writer.at++] = Number(rest);
  }
  return WireWriter.small().bytes(1, writer.finish()).finish();
};

export const confirmationFrame = (subscriptionId: string): Buffer =>
  WireWriter.small().open(2, fieldSize(subscriptionId.length)).string(1, subscriptionId).finish();

/** Encodes a ReadResp with a checkpoint; `NO_POSITION` becomes 2^64-1. */
export const checkpointFrame = (place: LogPosition): Buffer => {
  if (place === NO_POSITION) return NO_CHECKPOINT_FRAME;
  const { commit, prepare } = place;
  return WireWriter.small()
    .open(3, 2 + varintSize(commit) + varintSize(prepare))
    .uint(1, commit)
    .uint(2, prepare)
    .finish();
};

const NO_CHECKPOINT_FRAME = WireWriter.small()
  .bytes(3, WireWriter.small().uint64Max(1).uint64Max(2).finish())
  .finish();

export const streamNotFoundFrame = (stream: string): Buffer => {
  const length = Buffer.byteLength(stream);
  const writer = new WireWriter(Buffer.allocUnsafe(length + 32));
  return writer
    .open(4, fieldSize(fieldSize(length)))
    .open(1, fieldSize(length))
    .string(3, stream, length)
    .finish();
};

export const CAUGHT_UP_FRAME = WireWriter.small().empty(8).finish();
export const FELL_BEHIND_FRAME = WireWriter.small().empty(9).finish();
export const firstStreamPositionFrame = (revision: number): Buffer =>
  WireWriter.small().uint(5, revision).finish();
export const lastStreamPositionFrame = (revision: number): Buffer =>
  WireWriter.small().uint(6, revision).finish();
