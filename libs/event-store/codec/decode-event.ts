import { upcasters as domainUpcasters } from './event-types.js';
import type { EventMetadata } from '#libs/domain/event.js';
import type { Json } from '#libs/domain/json.js';
import type { PositionedEvent, RecordedEvent } from '../recorded-event.js';
import type { SentEvent, StoredEvent } from '../stored/stored-event.js';
import type { Upcasters } from './upcasters.js';

/** Events of the store itself (stream metadata, statistics), which are none of ours. */
export const isSystemEvent = ({ type, stream }: SentEvent): boolean =>
  type.startsWith('$') || stream.startsWith('$');

/**
 * The one decode path of live delivery, replay and rebuild: JSON with old versions lifted. Types nobody knows come
 * through with their data as it is; binary data comes as base64 text, what claims to be JSON and is not as the text it is.
 */
export const decodeEvent = (stored: SentEvent, upcasters: Upcasters = domainUpcasters): RecordedEvent => {
  const given = stored.isJson ? parseOr(stored.data, String) : stored.data.toString('base64');
  const metadata = metadataOf(
    parseOr(stored.metadata, () => undefined),
    stored.eventId,
  );
  const { schema, data } = upcasters.lift(stored.type, metadata.schema, given as Json);
  return {
    stream: stored.stream,
    revision: stored.revision,
    eventId: stored.eventId,
    type: stored.type,
    at: new Date(Number(stored.ticks / TICKS_A_MILLISECOND)),
    data,
    metadata: schema === metadata.schema ? metadata : { ...metadata, schema },
  };
};

/** As `decodeEvent`, for events that know their place in the log. */
export const decodePositioned = (stored: StoredEvent, upcasters?: Upcasters): PositionedEvent => ({
  ...decodeEvent(stored, upcasters),
  position: stored.position,
});

const TICKS_A_MILLISECOND = 10_000n;

const parseOr = (bytes: Buffer, otherwise: (text: string) => unknown): unknown => {
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch {
    return otherwise(text);
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
