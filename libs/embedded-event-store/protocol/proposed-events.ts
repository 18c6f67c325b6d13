import type { ProposedEvent } from '../record/record.js';
import { metadataPropertyMissing } from './store-errors.js';
import { readUuid } from '../rules/uuid.js';
import type { WireReader } from '#libs/protobuf/wire.js';

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Says that EventStoreDB does not allow such an event (Event.cs). It fails the call or, in a batch, that one append.
 */
export class UnusableEvent extends Error {
  override name = 'UnusableEvent';
}

/** Reads a ProposedMessage, which is the same in Append and BatchAppend: id, metadata map, custom metadata, data. */
export const readProposedEvent = (reader: WireReader): ProposedEvent => {
  let id: Buffer | undefined;
  let type: string | undefined;
  let contentType: string | undefined;
  let metadata: Buffer = NOTHING;
  let data: Buffer = NOTHING;
  while (reader.next()) {
    if (reader.field === 1) id = readId(reader.message());
    else if (reader.field === 2) {
      const [key, value] = readMapEntry(reader.message());
      if (key === 'type') type = value;
      else if (key === 'content-type') contentType = value;
    } else if (reader.field === 3) metadata = reader.bytes();
    else if (reader.field === 4) data = reader.bytes();
    else reader.skip();
  }
  if (type === undefined) throw metadataPropertyMissing('type');
  if (contentType === undefined) throw metadataPropertyMissing('content-type');
  if (type === '') throw new UnusableEvent("Empty eventType provided. (Parameter 'eventType')");
  if (!id || id.every((byte) => byte === 0))
    throw new UnusableEvent("Empty eventId provided. (Parameter 'eventId')");
  return { id, type, isJson: contentType === 'application/json', data, metadata };
};

/** Returns the bytes that EventStoreDB counts against the limit of an append (Event.SizeOnDisk). */
export const sizeOnDisk = (event: ProposedEvent): number =>
  event.data.length + event.metadata.length + 2 * event.type.length;

const readId = (reader: WireReader): Buffer => {
  try {
    return readUuid(reader);
  } catch (error) {
    throw new UnusableEvent((error as Error).message, { cause: error });
  }
};

const readMapEntry = (reader: WireReader): [string, string] => {
  let key = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = reader.string();
    else reader.skip();
  }
  return [key, value];
};

/** Reads a StreamIdentifier. Returns an empty name when it is missing; `checkStream` refuses that. */
export const readStreamName = (reader: WireReader): string => {
  let name = '';
  while (reader.next()) {
    if (reader.field === 3) name = reader.string();
    else reader.skip();
  }
  return name;
};
