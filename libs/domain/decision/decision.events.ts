import type { DomainEvent } from '../event.js';

/** An admin has decided that an event which nobody understands counts no more than its place in its stream. */
export type EventSetAside = DomainEvent<
  'EventSetAside',
  {
    stream: string;
    revision: number;
    /** Why, in the admin's words. */
    reason: string;
    /** Of the admin. */
    keyId: string;
  }
>;

/** Everything that can happen in the stream of decisions. */
export type DecisionEvent = EventSetAside;

export const DECISION_EVENT_TYPES = ['EventSetAside'] as const satisfies readonly DecisionEvent['type'][];
