import { structuredUuid, type UuidForm } from '../protocol/read-responses.js';
import { uuidText } from '../rules/uuid.js';
import { WireWriter, fieldSize } from '#libs/protobuf/wire.js';
import { recordBody, recordId } from '../record/record.js';
import { originalOf, type ResolvedEvent } from './resolved-event.js';

const MAX_NUMBERS = 32;
const UUID_SIZE = 64;

/**
 * Encodes a ReadResp with one event, how often it was sent before, and the log position of the entry that was found:
 * the link, if there is one (PersistentSubscriptions.Read.cs).
 */
export const eventFrame = (resolved: ResolvedEvent, retries: number, uuids: UuidForm): Buffer => {
  const { position } = originalOf(resolved);
  const recorded = [resolved.event, resolved.link].map(
    (entry) => entry && recordedEvent(entry.record, position, uuids),
  );
  const size = recorded.reduce((sum, bytes) => sum + (bytes ? fieldSize(bytes.length) : 0), MAX_NUMBERS);
  const content = new WireWriter(Buffer.allocUnsafe(size));
  if (recorded[0]) content.bytes(1, recorded[0]);
  if (recorded[1]) content.bytes(2, recorded[1]);
  const readEvent = content.uint(3, position).uint(5, retries).finish();
  return new WireWriter(Buffer.allocUnsafe(fieldSize(readEvent.length))).bytes(1, readEvent).target;
};

const recordedEvent = (record: Buffer, position: number, uuids: UuidForm): Buffer => {
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
  return writer.uint(4, position).uint(5, position).raw(body).finish();
};

/** Encodes a ReadResp with the subscription's id, which is the group's key. */
export const confirmationFrame = (key: string): Buffer => {
  const length = Buffer.byteLength(key);
  const writer = new WireWriter(Buffer.allocUnsafe(fieldSize(fieldSize(length))));
  return writer.open(2, fieldSize(length)).string(1, key, length).target;
};
