import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';

/** Returns an event as it would lie in the store. Fields that are not given get defaults. */
export const storedEvent = (
  given: Partial<Omit<StoredEvent, 'data' | 'metadata'>> & { data?: string; metadata?: string } = {},
): StoredEvent => ({
  position: { commit: 182_734n, prepare: 182_734n },
  stream: 'messages-general',
  revision: 41,
  eventId: '0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f',
  type: 'MessagePosted',
  ticks: 17_953_650_000_000_000n,
  isJson: true,
  ...given,
  data: Buffer.from(given.data ?? '{"bot":"alice","body":"hi"}'),
  metadata: Buffer.from(given.metadata ?? '{"actor":{"kind":"bot","name":"alice"},"schema":1}'),
});

/** Returns an event as the store would have sent it, given what was decoded of it. */
export const storedFormOf = ({ at, data, metadata, ...event }: PositionedEvent): StoredEvent =>
  storedEvent({
    ...event,
    ticks: BigInt(at.getTime()) * 10_000n,
    data: JSON.stringify(data),
    metadata: JSON.stringify(metadata),
  });
