import { isUtf8 } from 'node:buffer';
import { whyMisshapen } from '#libs/domain/shapes/event-shapes.js';
import { isObject } from '#libs/domain/shapes/shape.js';
import { parseStreamName } from '#libs/domain/stream-names.js';
import { CURRENT_SCHEMA, upcasters as domainUpcasters } from './event-types.js';
import type { EventMetadata } from '#libs/domain/event.js';
import type { Json } from '#libs/domain/json.js';
import type { PositionedEvent, RecordedEvent } from '../recorded-event.js';
import type { SentEvent, StoredEvent } from '../stored/stored-event.js';
import type { Upcasters } from './upcasters.js';

/** How the store says that a stream was deleted: it is the last event of that stream. */
const TOMBSTONE = '$streamDeleted';

/**
 * Events of the store itself (stream metadata, statistics), which are none of ours. A type like theirs in a stream of
 * ours is somebody's forgery and takes a place in it: it is not passed over.
 */
export const isSystemEvent = (event: Pick<SentEvent, 'type' | 'revision'>, stream: string): boolean =>
  stream.startsWith('$') || (event.type.startsWith('$') && (isTombstone(event) || !parseStreamName(stream)));

/** Its revision is none that another event can have. */
const isTombstone = ({ type, revision }: Pick<SentEvent, 'type' | 'revision'>): boolean =>
  type === TOMBSTONE && !Number.isSafeInteger(revision);

/** How an event is read. `stream`: its stream as those who use it know it, where the store's own name is another. */
export type Reading = Readonly<{ upcasters?: Upcasters; stream?: string }>;

/**
 * The one decode path of live delivery, replay and rebuild: JSON with old versions lifted. It takes whatever lies in the
 * log and never throws. What lies in a stream of ours and is not what its type promises says so in `unreadable`. Types nobody
 * knows come through with their data as it is; binary data comes as base64 text, what claims to be JSON and is not as
 * the text it is.
 */
export const decodeEvent = (stored: SentEvent, reading: Reading = {}): RecordedEvent => {
  const { upcasters = domainUpcasters, stream = stored.stream } = reading;
  const parsed = stored.isJson ? parse(stored.data) : NOT_JSON;
  const given = parsed === NOT_JSON ? stored.data.toString(stored.isJson ? 'utf8' : 'base64') : parsed;
  const own = parse(stored.metadata);
  const metadata = metadataOf(own, stored.eventId);
  const { schema, data, failed } = lifted(upcasters, stored.type, metadata.schema, given as Json);
  const unreadable =
    parseStreamName(stream) &&
    (bytesFault(stored, parsed, own) ??
      failed ??
      schemaFault(schema, upcasters, stored.type) ??
      whyMisshapen(stream, stored.type, data));
  return {
    stream: stored.stream,
    revision: stored.revision,
    eventId: stored.eventId,
    type: stored.type,
    at: new Date(Number(stored.ticks / TICKS_A_MILLISECOND)),
    data,
    metadata: schema === metadata.schema ? metadata : { ...metadata, schema },
    ...(unreadable !== undefined && { unreadable }),
  };
};

/** As `decodeEvent`, for events that know their place in the log. */
export const decodePositioned = (stored: StoredEvent, reading?: Reading): PositionedEvent => ({
  ...decodeEvent(stored, reading),
  position: stored.position,
});

/** More than any event of ours has; cursors of very many channels aside, which are numbers. */
const MAX_BYTES = 256 * 1024;

const bytesFault = (
  { isJson, data, metadata, type }: SentEvent,
  parsed: unknown,
  own: unknown,
): string | undefined => {
  if (!isJson) return 'its data is not said to be JSON';
  if (data.length > MAX_BYTES && type !== 'CursorAdvanced')
    return `its data has more than ${MAX_BYTES} bytes`;
  if (!isUtf8(data)) return 'its data is not UTF-8';
  if (parsed === NOT_JSON) return 'its data is not JSON';
  return metadata.length === 0 || isObject(own) ? undefined : 'its metadata are not a JSON object';
};

const NOT_JSON = Symbol('not JSON');

const schemaFault = (schema: unknown, upcasters: Upcasters, type: string): string | undefined => {
  if (!Number.isSafeInteger(schema) || (schema as number) < 1) return 'its schema version is none';
  const newest = Math.max(CURRENT_SCHEMA, upcasters.newest(type));
  return (schema as number) <= newest
    ? undefined
    : `its schema version is newer than ${newest}, the newest known here`;
};

const lifted = (upcasters: Upcasters, type: string, schema: number, data: Json) => {
  try {
    return { ...upcasters.lift(type, schema, data), failed: undefined };
  } catch {
    return { schema, data, failed: "its old form could not be brought to today's" };
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

/** Events of other writers may lack ours: they count as version 1 by the system, caused by themselves. */
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
