import { randomUUID } from 'node:crypto';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { Json } from '#libs/domain/json.js';
import type { AppendResult } from '#libs/event-store/append/append-answer.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';

/** Returns an event as somebody would write it who has access to the store but does not use our code. */
export const forgedEvent = (type: string, data: Json, metadata: object = {}): NewEvent => {
  const eventId = randomUUID();
  const ids = { $correlationId: eventId, $causationId: eventId };
  const own = { actor: { kind: 'system' }, ...ids, schema: 1, node: 'x' } as const;
  return { eventId, type, data, metadata: { ...own, ...metadata } };
};

/** Appends one such event and resolves with its place in the log. */
export const forge = (
  store: Pick<EventStore, 'append'>,
  stream: string,
  type: string,
  data: Json,
  metadata: object = {},
): Promise<AppendResult> => store.append(stream, [forgedEvent(type, data, metadata)], 'any');
