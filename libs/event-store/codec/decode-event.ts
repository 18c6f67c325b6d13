import { isUtf8 } from 'node:buffer';
import { whyMisshapen } from '#libs/domain/shapes/event-shapes.js';
import { isObject } from '#libs/domain/shapes/shape.js';
import { parseStreamName } from '#libs/domain/stream-names.js';
import { upcasters as domainUpcasters } from './event-types.js';
import type { EventMetadata } from '#libs/domain/event.js';
import type { Json } from '#libs/domain/json.js';
import type { PositionedEvent, RecordedEvent } from '../recorded-event.js';
import type { SentEvent, StoredEvent } from '../stored/stored-event.js';
import type { Upcasters } from './upcasters.js';
import type { WrittenEvents } from './written-events.js';

/** Type of the last event of a stream that was deleted for good. */
const TOMBSTONE = '$streamDeleted';

/**
 * Returns whether an event belongs to the store itself (stream metadata, statistics). A system type in a stream of ours
 * is a forgery that takes up a revision there, so it is not skipped.
 */
export const isSystemEvent = (event: Pick<SentEvent, 'type' | 'revision'>, stream: string): boolean =>
  stream.startsWith('$') || (event.type.startsWith('$') && (isTombstone(event) || !parseStreamName(stream)));

/** Recognizes a tombstone by its revision, which no other event can have. */
const isTombstone = ({ type, revision }: Pick<SentEvent, 'type' | 'revision'>): boolean =>
  type === TOMBSTONE && !Number.isSafeInteger(revision);

/**
 * Options for decoding. `stream` is the name that users of the stream know, where the store's own name differs.
 * `written`: events that need not be parsed, because they were written here.
 */
export type Reading = Readonly<{
  upcasters?: Upcasters;
  stream?: string;
  written?: Pick<WrittenEvents, 'takeEvent'> | undefined;
}>;

/**
 * Decodes an event; live delivery, replay and rebuild all use this path. Parses JSON and lifts old versions. It accepts
 * whatever is in the log and never throws. An event in a stream of ours that is not what its type promises says so in
 * `unreadable`. Unknown types keep their data unchanged. Binary data becomes base64 text, and data that claims to be
 * JSON but is not becomes the text that it is.
 */
export const decodeEvent = (stored: SentEvent, reading: Reading = {}): RecordedEvent => {
  const { upcasters = domainUpcasters, stream = stored.stream } = reading;
  const written = reading.written?.takeEvent(stored);
  const parsed = written ? written.data : stored.isJson ? parse(stored.data) : NOT_JSON;
  const given = parsed === NOT_JSON ? stored.data.toString(stored.isJson ? 'utf8' : 'base64') : parsed;
  const own = written ? written.metadata : parse(stored.metadata);
  const metadata = written ? written.metadata : metadataOf(own, stored.eventId);
  const { schema, data, failed } = lifted(upcasters, stored.type, metadata.schema, given as Json);
  const unreadable =
    parseStreamName(stream) &&
    (stored.damaged ??
      bytesFault(stored, parsed, own) ??
      failed ??
      schemaFault(schema, upcasters, stored.type) ??
      whyMisshapen(stream, stored.type, data));
  const event: Draft = {
    stream: stored.stream,
    revision: stored.revision,
    eventId: stored.eventId,
    type: stored.type,
    at: new Date(Number(stored.ticks / TICKS_A_MILLISECOND)),
    data,
    metadata: schema === metadata.schema ? metadata : { ...metadata, schema },
  };
  if (unreadable !== undefined) event.unreadable = unreadable;
  return event;
};

/** Does the same as `decodeEvent` for events with a position in the log. */
export const decodePositioned = (stored: StoredEvent, reading?: Reading): PositionedEvent => {
  const event: Draft = decodeEvent(stored, reading);
  event.position = stored.position;
  return event as PositionedEvent;
};

/** An event whose last fields are filled in after it was made, because copying it costs more. */
type Draft = { -readonly [Field in keyof RecordedEvent]: RecordedEvent[Field] } & {
  position?: PositionedEvent['position'];
};

/**
 * Largest data of an event in bytes. None of ours is that large, except cursors of very many channels, which contain
 * only numbers.
 */
const MAX_BYTES = 256 * 1024;

const bytesFault = (
  { isJson, data, metadata, type }: SentEvent,
  parsed: unknown,
  own: unknown,
): string | undefined => {
  if (!isJson) return 'its data is not declared as JSON';
  if (data.length > MAX_BYTES && type !== 'CursorAdvanced')
    return `its data has more than ${MAX_BYTES} bytes`;
  if (!isUtf8(data)) return 'its data is not UTF-8';
  if (parsed === NOT_JSON) return 'its data is not JSON';
  return metadata.length === 0 || isObject(own) ? undefined : 'its metadata are not a JSON object';
};

const NOT_JSON = Symbol('not JSON');

const schemaFault = (schema: unknown, upcasters: Upcasters, type: string): string | undefined => {
  if (!Number.isSafeInteger(schema) || (schema as number) < 1)
    return 'its schema version is not a positive whole number';
  const newest = upcasters.newest(type);
  return (schema as number) <= newest
    ? undefined
    : `its schema version is newer than ${newest}, the newest known here`;
};

const lifted = (upcasters: Upcasters, type: string, schema: number, data: Json) => {
  try {
    return { ...upcasters.lift(type, schema, data), failed: undefined };
  } catch {
    return { schema, data, failed: 'its old form could not be converted to the present one' };
  }
};

const TICKS_A_MILLISECOND = 10_000n;

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return NOT_JSON;
  }
};

/**
 * Returns the metadata. Events of other writers may lack ours, and then count as version 1, written by the system and
 * caused by themselves.
 */
const metadataOf = (stored: unknown, eventId: string): EventMetadata => {
  const own = typeof stored === 'object' && stored !== null ? stored : {};
  return {
    actor: { kind: 'system' },
    $correlationId: eventId,
    $causationId: eventId,
    schema: 1,
    node: '',
    ...own,
  };
};
