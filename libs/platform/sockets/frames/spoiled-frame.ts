import { RequestError } from '#libs/protocol/errors.js';
import { LIMITS } from '#libs/protocol/limits.js';

/**
 * Bytes that are kept of a frame that is not accepted: as many as the head of a packet can have (see `packet-head.ts`).
 */
export const HEAD_BYTES = 160;

/** A frame of which only the head was kept, and why it is refused. */
export type Spoiled = Readonly<{
  /** The beginning of its Socket.IO packet; undefined for an attachment. */
  head: string | undefined;
  /** Bytes that arrived. The sender is charged for all of them. */
  bytes: number;
  refusal: RequestError;
}>;

const spoiled = new WeakMap<object, Spoiled>();

/** Returns a buffer that stands for a spoiled frame on its way through Engine.IO, which hands on buffers unchanged. */
export const spoiledFrame = (what: Spoiled): Buffer => {
  const frame = Buffer.alloc(0);
  spoiled.set(frame, what);
  return frame;
};

export const spoiledIn = (frame: unknown): Spoiled | undefined =>
  typeof frame === 'object' && frame !== null ? spoiled.get(frame) : undefined;

/** Returns the Socket.IO packet in a frame, as far as it was kept; undefined for an attachment. */
export const packetIn = (frame: string | Uint8Array): string | undefined =>
  typeof frame === 'string' ? frame : spoiledIn(frame)?.head;

/** Returns how many bytes arrived for a frame. */
export const bytesOf = (frame: string | Uint8Array): number => spoiledIn(frame)?.bytes ?? frame.length;

/** The packet type `message`, and the mark of base64 in polling (Engine.IO protocol, revision 4). */
const MESSAGE = '4';
const BASE64 = 'b';

/**
 * Returns a buffer that stands for a spoiled Engine.IO packet that was sent as text.
 *
 * @param head its first bytes
 * @returns undefined when it is not a message, so nobody asked for anything
 */
export const spoiledText = (head: Buffer, bytes: number, refusal: RequestError): Buffer | undefined => {
  const text = head.toString();
  if (text.startsWith(BASE64)) return spoiledFrame({ head: undefined, bytes, refusal });
  return text.startsWith(MESSAGE) ? spoiledFrame({ head: text.slice(1), bytes, refusal }) : undefined;
};

export const tooLong = (): RequestError =>
  new RequestError(
    'message_too_large',
    `A request may have ${LIMITS.frameBytes} bytes at most, with all that is around it`,
  );

export const notUtf8 = (): RequestError =>
  new RequestError('invalid_payload', 'The payload is not valid UTF-8');

/** Returns whether a frame is an event, with or without attachments (Socket.IO protocol, revision 5). */
export const isRequest = (frame: string | Uint8Array): boolean => /^[25]/.test(packetIn(frame) ?? '');
