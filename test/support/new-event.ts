import { randomUUID } from 'node:crypto';
import type { NewEvent } from '#libs/event-store/recorded-event.js';

/** Returns an event to append. Its content means nothing. */
export const newEvent = (body = 'something'): NewEvent => {
  const eventId = randomUUID();
  const metadata = {
    actor: { kind: 'system' },
    $correlationId: eventId,
    $causationId: eventId,
    schema: 1,
    node: 'test',
  } as const;
  return { eventId, type: 'Noted', data: { body }, metadata };
};
