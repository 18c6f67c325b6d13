import type { NewEvent } from '../recorded-event.js';

/** The bytes of an event as they go over the wire. */
export type EncodedEvent = Readonly<{ data: Buffer; metadata: Buffer; size: number }>;

/** Bytes added for ids and framing. EventStoreDB counts both payloads and the type name in UTF-16. */
const FRAMING_BYTES = 128;

const encoded = new WeakMap<NewEvent, EncodedEvent>();

/**
 * Encodes an event once, however often it is measured, appended and retried. `size` is an upper bound of the bytes that
 * the event counts towards the store's limit for an append.
 */
export const encodeEvent = (event: NewEvent): EncodedEvent => {
  const known = encoded.get(event);
  if (known) return known;
  const data = Buffer.from(JSON.stringify(event.data));
  const metadata = Buffer.from(JSON.stringify(event.metadata));
  const size = data.length + metadata.length + 2 * event.type.length + FRAMING_BYTES;
  const fresh = { data, metadata, size };
  encoded.set(event, fresh);
  return fresh;
};
