import { randomUUID } from 'node:crypto';
import type { Actor, DomainEvent } from '#libs/domain/event.js';
import type { NewEvent } from '../recorded-event.js';
import { upcasters } from './event-types.js';
import type { Upcasters } from './upcasters.js';

/** Who writes an event, and why. */
export type Circumstances = Readonly<{
  /** By default the system itself. */
  actor?: Actor | undefined;
  /** The process that writes the event. */
  node: string;
  /** By default a random one. */
  eventId?: string | undefined;
  /** By default the event's own id. */
  correlationId?: string | undefined;
  /** By default the correlation id. */
  causationId?: string | undefined;
}>;

/**
 * Makes an event with its metadata. Every event that we write is made here, so that its schema version is the newest
 * one that readers know of its type.
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
