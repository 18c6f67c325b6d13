import type { WireReader } from '#libs/protobuf/wire.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { positionOf, revisionOf } from '../position.js';
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

/** An event as the server sent it. Without a position it may be of a read of one stream, never of the whole log. */
export type SentEvent = Omit<StoredEvent, 'position'> & Readonly<{ position: LogPosition | undefined }>;

/** A tombstone is the last event of its stream, at 2^63-1. */
const TOMBSTONE = '$streamDeleted';

/**
 * An event of the whole log, which has its place. One without is not passed over, for nobody would miss it: it counts as
 * lost on the way, and is asked for again.
 *
 * @throws StoreUnavailable when its position or revision is none that an event can have
 */
export const requirePlace = (event: SentEvent): StoredEvent => {
  requireRevision(event);
  if (event.position) return event as StoredEvent;
  throw new StoreUnavailable(
    `The event store sent ${event.type} (${event.stream} ${event.revision}) without its place in the log`,
  );
};

/** @throws StoreUnavailable when its revision is none that an event can have */
export const requireRevision = <Event extends SentEvent>(event: Event): Event => {
  if (revisionOf(event.revision) !== undefined || event.type === TOMBSTONE) return event;
  throw new StoreUnavailable(`The event store sent ${event.type} (${event.stream}) without its revision`);
};

const NOTHING: Buffer = Buffer.alloc(0);

/** Reads a `ReadResp.ReadEvent.RecordedEvent`. Its bytes stay views of the message. @throws MalformedMessage */
export const readSentEvent = (message: WireReader): SentEvent => {
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
    position: positionOf(commit, prepare),
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
