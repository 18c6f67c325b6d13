import { randomUUID } from 'node:crypto';
import type { NewEvent } from '#libs/event-store/recorded-event.js';

/** An event to append that means nothing. */
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
