import { ID_AT, recordBody, recordId } from '../storage/record.js';
import { uuidText } from './uuid.js';
import { WireWriter, fieldSize, varintSize } from './wire.js';

/** How a client wants ids: as text, or as two halves of 64 bits. */
export type UuidForm = 'text' | 'structured';

const UINT64_MAX_SIZE = 10;
const TEXT_SIZE = 36;

/**
 * ReadResp with one event. Without a position (reads of one stream) its positions are 2^64 - 1 and `no_position` is
 * set, as Streams.Read.cs does.
 */
export const readEventFrame = (record: Buffer, position: number | undefined, uuids: UuidForm): Buffer => {
  const body = recordBody(record);
  const id = uuids === 'text' ? undefined : structuredUuid(recordId(record));
  const idSize = fieldSize(id ? id.length : fieldSize(TEXT_SIZE));
  const positionSize = position === undefined ? UINT64_MAX_SIZE : varintSize(position);
  const recorded = idSize + 2 * (1 + positionSize) + body.length;
  const event = fieldSize(recorded) + (position === undefined ? 2 : 1 + positionSize);
  const writer = new WireWriter(Buffer.allocUnsafe(fieldSize(event)));
  writer.open(1, event).open(1, recorded);
  if (id) writer.bytes(1, id);
  else {
    writer.open(1, fieldSize(TEXT_SIZE)).open(2, TEXT_SIZE);
    writer.at += writer.target.write(uuidText(record, ID_AT), writer.at, 'latin1');
  }
  if (position === undefined) return writer.uint64Max(4).uint64Max(5).raw(body).empty(4).target;
  return writer.uint(4, position).uint(5, position).raw(body).uint(3, position).target;
};

const structuredUuid = (id: Buffer): Buffer => {
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

export const checkpointFrame = (position: number): Buffer =>
  WireWriter.small()
    .open(3, 2 * (1 + varintSize(position)))
    .uint(1, position)
    .uint(2, position)
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
