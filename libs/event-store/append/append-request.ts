import { WireWriter, fieldSize, varintSize } from '#libs/protobuf/wire.js';
import { encodeEvent } from '../codec/encoded-event.js';
import type { EncodedEvent } from '../codec/encoded-event.js';
import type { ExpectedRevision } from '../event-store.errors.js';
import type { NewEvent } from '../recorded-event.js';

export type AppendRequest = Readonly<{
  stream: string;
  events: readonly NewEvent[];
  expected: ExpectedRevision;
}>;

/**
 * Encodes one append as one `BatchAppendReq` (streams.proto of EventStoreDB), however many events it has. `id` comes
 * back with the answer.
 */
export const encodeAppend = (id: string, request: AppendRequest, deadline: Date): Buffer => {
  const options = optionsOf(request, deadline);
  const events = request.events.map(proposed);
  let size = fieldSize(fieldSize(id.length)) + fieldSize(options.length) + FINAL_BYTES;
  for (const event of events) size += fieldSize(event.size);
  const writer = new WireWriter(Buffer.allocUnsafe(size));
  writeUuid(writer, id);
  writer.bytes(2, options);
  for (const event of events) writeEvent(writer.open(3, event.size), event);
  return writer.uint(4, 1).finish();
};

/** The size of `is_final`. */
const FINAL_BYTES = 2;

/** An event with the bytes that its message takes. */
type Proposed = Readonly<{ id: string; properties: Buffer; encoded: EncodedEvent; size: number }>;

const proposed = (event: NewEvent): Proposed => {
  const encoded = encodeEvent(event);
  const properties = propertiesOf(event.type);
  const { data, metadata } = encoded;
  const id = event.eventId;
  const size =
    fieldSize(fieldSize(id.length)) + properties.length + optionalSize(metadata) + optionalSize(data);
  return { id, properties, encoded, size };
};

/** Empty bytes are left out, as the protocol leaves out default values. */
const optionalSize = ({ length }: Buffer): number => (length === 0 ? 0 : fieldSize(length));

const writeEvent = (writer: WireWriter, { id, properties, encoded: { data, metadata } }: Proposed): void => {
  writeUuid(writer, id);
  writer.raw(properties);
  if (metadata.length > 0) writer.bytes(3, metadata);
  if (data.length > 0) writer.bytes(4, data);
};

/** Writes a UUID as text into field 1. */
const writeUuid = (writer: WireWriter, id: string): void =>
  void writer.open(1, fieldSize(id.length)).string(2, id, id.length);

const properties = new Map<string, Buffer>();

/** Returns the entries of the map that names an event's type and the form of its data. There are few types. */
const propertiesOf = (type: string): Buffer => {
  const known = properties.get(type);
  if (known) return known;
  const entries = [
    ['content-type', 'application/json'],
    ['type', type],
  ] as const;
  const made = Buffer.concat(entries.map(([key, value]) => entryOf(key, value)));
  properties.set(type, made);
  return made;
};

const entryOf = (key: string, value: string): Buffer => {
  const length = fieldSize(key.length) + fieldSize(Buffer.byteLength(value));
  const writer = new WireWriter(Buffer.allocUnsafe(fieldSize(length)));
  return writer.open(2, length).string(1, key).string(2, value).finish();
};

const optionsOf = ({ stream, expected }: AppendRequest, deadline: Date): Buffer => {
  const name = Buffer.from(stream);
  const time = timeOf(deadline);
  const most = fieldSize(fieldSize(name.length)) + fieldSize(time.length) + LONGEST_REVISION;
  const writer = new WireWriter(Buffer.allocUnsafe(most));
  writer.open(1, fieldSize(name.length)).bytes(3, name);
  if (expected === 'any') writer.empty(4);
  else if (expected === 'no_stream') writer.empty(3);
  else if (expected === 'stream_exists') writer.empty(5);
  else writer.uint(2, expected);
  return writer.bytes(6, time).finish();
};

/** The bytes of a field with the largest revision that JavaScript can count to. */
const LONGEST_REVISION = 1 + varintSize(Number.MAX_SAFE_INTEGER);

/** Encodes a `google.protobuf.Timestamp`: seconds (1) and nanoseconds (2). */
const timeOf = (date: Date): Buffer => {
  const ms = date.getTime();
  const writer = WireWriter.small().uint(1, Math.floor(ms / 1_000));
  if (ms % 1_000 !== 0) writer.uint(2, (ms % 1_000) * 1_000_000);
  return writer.finish();
};
