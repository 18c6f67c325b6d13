import type { Json } from '#libs/domain/json.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';

/** Returns an event as it would come from the log. */
export const recordedEvent = (stream: string, revision: number, type: string, data: Json): RecordedEvent => ({
  stream,
  revision,
  eventId: `${stream}@${revision}`,
  type,
  at: new Date(0),
  data,
  metadata: { actor: { kind: 'system' }, $correlationId: 'c', $causationId: 'c', schema: 1, node: 'test' },
});
