import type { DomainEvent } from '../event.js';

/**
 * Records an admin's decision that an event which cannot be decoded is to be skipped. The event keeps its
 * place in its stream.
 */
export type EventSetAside = DomainEvent<
  'EventSetAside',
  {
    stream: string;
    revision: number;
    /** The reason, in the admin's words. */
    reason: string;
    /** The key id of the admin. */
    keyId: string;
  }
>;

/** The events of the stream of decisions. */
export type DecisionEvent = EventSetAside;

export const DECISION_EVENT_TYPES = ['EventSetAside'] as const satisfies readonly DecisionEvent['type'][];
