import { upcasters as domainUpcasters } from './event-types.js';
import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { EventMetadata } from '#libs/domain/event.js';
import type { Json } from '#libs/domain/json.js';
import type { PositionedEvent, RecordedEvent } from '../recorded-event.js';
import type { Upcasters } from './upcasters.js';

/** Events of the store itself (stream metadata, statistics), which are none of ours. */
export const isSystemEvent = (resolved: ResolvedEvent | AllStreamResolvedEvent): boolean => {
  const event = resolved.event;
  return event === undefined || event.type.startsWith('$') || event.streamId.startsWith('$');
};

/**
 * The one decode path of live delivery, replay, rebuild and export: JSON with old versions lifted. Types nobody
 * knows come through with their data as it is; binary data comes as base64 text. Undefined for a dangling link.
 */
export const decodeEvent = (
  { event }: ResolvedEvent,
  upcasters: Upcasters = domainUpcasters,
): RecordedEvent | undefined => {
  if (event === undefined) return undefined;
  const stored = event.data instanceof Uint8Array ? Buffer.from(event.data).toString('base64') : event.data;
  const metadata = metadataOf(event.metadata, event.id);
  const { schema, data } = upcasters.lift(event.type, metadata.schema, stored as Json);
  return {
    stream: event.streamId,
    revision: Number(event.revision),
    eventId: event.id,
    type: event.type,
    at: event.created,
    data,
    metadata: schema === metadata.schema ? metadata : { ...metadata, schema },
  };
};

/** As `decodeEvent`, for events that know their place in the log. */
export const decodePositioned = (
  resolved: AllStreamResolvedEvent,
  upcasters?: Upcasters,
): PositionedEvent | undefined => {
  const event = decodeEvent(resolved, upcasters);
  const position = positionOf(resolved);
  return event && position && { ...event, position };
};

/** Servers before 22.6 name only the commit position, which is the same number for every event we write. */
export const positionOf = ({
  event,
  commitPosition,
}: AllStreamResolvedEvent): PositionedEvent['position'] | undefined =>
  event?.position ??
  (commitPosition === undefined ? undefined : { commit: commitPosition, prepare: commitPosition });

/** Events of other writers may lack ours: they count as version 1 by the system, caused by themselves. */
const metadataOf = (stored: unknown, eventId: string): EventMetadata => {
  const own = typeof stored === 'object' && stored !== null && !(stored instanceof Uint8Array) ? stored : {};
  return {
    actor: { kind: 'system' },
    $correlationId: eventId,
    $causationId: eventId,
    schema: 1,
    node: '',
    ...own,
  };
};
