import { randomUUID } from 'node:crypto';
import type { Actor, DomainEvent } from '#libs/domain/event.js';
import type { NewEvent } from '../recorded-event.js';
import { upcasters } from './event-types.js';
import type { Upcasters } from './upcasters.js';

/** The circumstances of an event: who writes it, and what caused it. */
export type Circumstances = Readonly<{
  /** Default: the system itself. */
  actor?: Actor | undefined;
  /** The process that writes the event. */
  node: string;
  /** Default: a random id. */
  eventId?: string | undefined;
  /** Default: the event's own id. */
  correlationId?: string | undefined;
  /** Default: the correlation id. */
  causationId?: string | undefined;
}>;

/**
 * Makes an event with its metadata. All our events are made here, so that each has the newest schema version that
 * readers know for its type.
 */
export const newEvent = (
  { type, data }: DomainEvent<string, unknown>,
  { actor = { kind: 'system' }, node, ...given }: Circumstances,
  known: Pick<Upcasters, 'newest'> = upcasters,
): NewEvent => {
  const { eventId = randomUUID() } = given;
  const { correlationId = eventId } = given;
  const { causationId = correlationId } = given;
  const schema = known.newest(type);
  const metadata = { actor, $correlationId: correlationId, $causationId: causationId, schema, node };
  return { eventId, type, data, metadata };
};
