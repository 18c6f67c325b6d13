import type { WireReader } from '#libs/protobuf/wire.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { positionOf, revisionOf } from '../position.js';
import type { LogPosition } from '../position.js';

/** An event exactly as it is stored: its bytes are neither parsed nor lifted to a newer shape. */
export type StoredEvent = Readonly<{
  position: LogPosition;
  stream: string;
  revision: number;
  eventId: string;
  type: string;
  /** When the store recorded it, in units of 100 ns since 1970, which is finer than a `Date`. */
  ticks: bigint;
  /** The writer's claim about `data`, which nobody has checked. */
  isJson: boolean;
  data: Buffer;
  metadata: Buffer;
  /**
   * Why it can't be read: the bytes on disk are not those that were written. Only its place is known then. Such events
   * come only with `tellsDamage`.
   */
  damaged?: string;
}>;

/**
 * An event as the server sent it. It may lack a position in a read of one stream, but never in a read of the whole log.
 */
export type SentEvent = Omit<StoredEvent, 'position'> & Readonly<{ position: LogPosition | undefined }>;

/** Type of the last event of a deleted stream, at revision 2^63-1. */
const TOMBSTONE = '$streamDeleted';

/**
 * Checks that an event of the whole log has its position. An event without one is not skipped, because nobody would
 * miss it: it counts as lost on the way and is requested again.
 *
 * @throws StoreUnavailable when its position or revision is one that no event can have
 */
export const requirePlace = (event: SentEvent): StoredEvent => {
  requireRevision(event);
  if (event.position) return event as StoredEvent;
  throw new StoreUnavailable(
    `The event store sent ${event.type} (${event.stream} ${event.revision}) without its place in the log`,
  );
};

/** @throws StoreUnavailable when its revision is one that no event can have */
export const requireRevision = <Event extends SentEvent>(event: Event): Event => {
  if (revisionOf(event.revision) !== undefined || event.type === TOMBSTONE) return event;
  throw new StoreUnavailable(`The event store sent ${event.type} (${event.stream}) without its revision`);
};

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Reads a `ReadResp.ReadEvent.RecordedEvent`. Its bytes are views of the message, not copies. @throws MalformedMessage
 */
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
    ...(properties.damaged !== undefined && { damaged: properties.damaged }),
  };
};

type Properties = { type: string; created: string; contentType: string; damaged?: string };

const KNOWN_PROPERTIES: Readonly<Record<string, keyof Properties>> = {
  type: 'type',
  created: 'created',
  'content-type': 'contentType',
  damaged: 'damaged',
};

/** Reads the one text field of a small message. */
const readText = (message: WireReader, field: number): string => {
  let text = '';
  while (message.next()) {
    if (message.field === field) text = message.string();
    else message.skip();
  }
  return text;
};

/** Reads an entry of a map of texts. */
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
