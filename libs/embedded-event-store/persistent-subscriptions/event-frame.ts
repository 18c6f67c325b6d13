import { structuredUuid, type UuidForm } from '../protocol/read-responses.js';
import { uuidText } from '../protocol/uuid.js';
import { WireWriter, fieldSize } from '../protocol/wire.js';
import { recordBody, recordId } from '../storage/record.js';
import type { ResolvedEvent } from './resolved-event.js';

const MAX_NUMBERS = 32;
const UUID_SIZE = 64;

/** ReadResp with one event: position (of `$all` only) and how often it was sent before (PersistentSubscriptions.Read.cs). */
export const eventFrame = (
  { event, link }: ResolvedEvent,
  position: number | undefined,
  retries: number,
  uuids: UuidForm,
): Buffer => {
  const recorded = [event, link].map((entry) => entry && recordedEvent(entry.record, position, uuids));
  const size = recorded.reduce((sum, bytes) => sum + (bytes ? fieldSize(bytes.length) : 0), MAX_NUMBERS);
  const content = new WireWriter(Buffer.allocUnsafe(size));
  if (recorded[0]) content.bytes(1, recorded[0]);
  if (recorded[1]) content.bytes(2, recorded[1]);
  if (position === undefined) content.empty(4);
  else content.uint(3, position);
  content.uint(5, retries);
  const readEvent = content.finish();
  return new WireWriter(Buffer.allocUnsafe(fieldSize(readEvent.length))).bytes(1, readEvent).target;
};

const recordedEvent = (record: Buffer, position: number | undefined, uuids: UuidForm): Buffer => {
  const body = recordBody(record);
  const writer = new WireWriter(Buffer.allocUnsafe(UUID_SIZE + MAX_NUMBERS + body.length));
  writer.bytes(
    1,
    uuids === 'text'
      ? WireWriter.small()
          .string(2, uuidText(recordId(record)))
          .finish()
      : structuredUuid(recordId(record)),
  );
  if (position === undefined) writer.uint64Max(4).uint64Max(5);
  else writer.uint(4, position).uint(5, position);
  return writer.raw(body).finish();
};

/** ReadResp with the subscription's id, which is the group's key. */
export const confirmationFrame = (key: string): Buffer => {
  const length = Buffer.byteLength(key);
  const writer = new WireWriter(Buffer.allocUnsafe(fieldSize(fieldSize(length))));
  return writer.open(2, fieldSize(length)).string(1, key, length).target;
};
