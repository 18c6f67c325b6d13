import type { WireReader } from '#libs/protobuf/wire.js';
import type { LogPosition } from '../position.js';

/** An event exactly as it lies in the store: bytes neither parsed nor lifted to a newer shape. */
export type StoredEvent = Readonly<{
  position: LogPosition;
  stream: string;
  revision: number;
  eventId: string;
  type: string;
  /** When the store recorded it, in 100 ns since 1970: finer than a `Date`. */
  ticks: bigint;
  /** What the writer said of `data`; nobody has checked it. */
  isJson: boolean;
  data: Buffer;
  metadata: Buffer;
}>;

const NOTHING: Buffer = Buffer.alloc(0);

/** Reads a `ReadResp.ReadEvent.RecordedEvent`. Its bytes stay views of the message. @throws MalformedMessage */
export const readStoredEvent = (message: WireReader): StoredEvent => {
  let commit = 0n;
  let prepare = 0n;
  let stream = '';
  let revision = 0;
  let eventId = '';
  let data: Buffer = NOTHING;
  let metadata: Buffer = NOTHING;
  const properties: Properties = { type: '', created: '0', contentType: '' };
  while (message.next()) {
    if (message.field === 1) eventId = readText(message.message(), 2);
    else if (message.field === 2) stream = readText(message.message(), 3);
    else if (message.field === 3) revision = message.uint();
    else if (message.field === 4) prepare = message.uint64();
    else if (message.field === 5) commit = message.uint64();
    else if (message.field === 6) readProperty(message.message(), properties);
    else if (message.field === 7) metadata = message.bytes();
    else if (message.field === 8) data = message.bytes();
    else message.skip();
  }
  return {
    position: { commit, prepare },
    stream,
    revision,
    eventId,
    type: properties.type,
    ticks: BigInt(properties.created),
    isJson: properties.contentType === 'application/json',
    data,
    metadata,
  };
};

type Properties = { type: string; created: string; contentType: string };

const KNOWN_PROPERTIES: Readonly<Record<string, keyof Properties>> = {
  type: 'type',
  created: 'created',
  'content-type': 'contentType',
};

/** The one text field of a small message. */
const readText = (message: WireReader, field: number): string => {
  let text = '';
  while (message.next()) {
    if (message.field === field) text = message.string();
    else message.skip();
  }
  return text;
};

/** An entry of a map of texts. */
const readProperty = (entry: WireReader, into: Properties): void => {
  let key = '';
  let value = '';
  while (entry.next()) {
    if (entry.field === 1) key = entry.string();
    else if (entry.field === 2) value = entry.string();
    else entry.skip();
  }
  const known = KNOWN_PROPERTIES[key];
  if (known) into[known] = value;
};
