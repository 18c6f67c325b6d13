import { WireReader, WireWriter, fieldSize } from './wire.js';

/**
 * Many messages in one, as repeated values of one field. gRPC's client does so much for each message that a small one
 * costs it more than everything that is in it.
 */

/** The metadata with which a reader says that it takes packed messages. Only our own server knows it. */
export const PACKED_HEADER = 'verbatim-packed';
export const PACKED = 'taken';

/** The field of a pack. No message that is packed may have a field of this number. */
const FIELD = 15;
const TAG = (FIELD << 3) | 2;

/** Returns the messages as one. A single message stays as it is. */
export const packMessages = (messages: readonly Buffer[]): Buffer => {
  if (messages.length === 1) return messages[0]!;
  let size = 0;
  for (const { length } of messages) size += fieldSize(length);
  const writer = new WireWriter(Buffer.allocUnsafe(size));
  for (const message of messages) writer.bytes(FIELD, message);
  return writer.target;
};

/** Returns a reader of the packed messages, each of which is a field; undefined for a message that is none. */
export const openPack = (message: Buffer): WireReader | undefined =>
  message[0] === TAG ? new WireReader(message) : undefined;
