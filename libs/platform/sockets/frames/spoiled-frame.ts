import { RequestError } from '#libs/protocol/errors.js';
import { LIMITS } from '#libs/protocol/limits.js';

/** How much of a frame is kept that is not taken: as long as the head of a packet can be (see `packet-head.ts`). */
export const HEAD_BYTES = 160;

/** A frame of which only the head was kept, and why it is refused. */
export type Spoiled = Readonly<{
  /** How its packet of Socket.IO begins; undefined for an attachment. */
  head: string | undefined;
  /** How many bytes came, which it is counted by. */
  bytes: number;
  refusal: RequestError;
}>;

const spoiled = new WeakMap<object, Spoiled>();

/** What stands for such a frame on its way through Engine.IO, which hands on buffers as they are. */
export const spoiledFrame = (what: Spoiled): Buffer => {
  const frame = Buffer.alloc(0);
  spoiled.set(frame, what);
  return frame;
};

export const spoiledIn = (frame: unknown): Spoiled | undefined =>
  typeof frame === 'object' && frame !== null ? spoiled.get(frame) : undefined;

/** The packet of Socket.IO in a frame, as far as it was kept; undefined for an attachment. */
export const packetIn = (frame: string | Uint8Array): string | undefined =>
  typeof frame === 'string' ? frame : spoiledIn(frame)?.head;

/** Engine.IO's `message`, and what stands before base64 in polling (Engine.IO protocol, revision 4). */
const MESSAGE = '4';
const BASE64 = 'b';

/**
 * The same for a packet of Engine.IO that was sent as text.
 *
 * @param head its first bytes
 * @returns undefined where it is no message: nobody asked anything with it
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
