import { randomBytes } from 'node:crypto';
import type { WireReader } from '#libs/protobuf/wire.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const TEXT_LENGTH = 36;
const DASH = 0x2d;
/** Value of a hexadecimal digit by its character code; 255 for other characters. */
const DIGITS = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit += 1) {
  DIGITS[digit.toString(16).codePointAt(0)!] = digit;
  DIGITS[digit.toString(16).toUpperCase().codePointAt(0)!] = digit;
}

/** Returns the 16 bytes of a UUID text of 36 characters. @throws RangeError if it is not a UUID */
export const uuidBytes = (text: Uint8Array): Buffer => {
  const bytes = Buffer.allocUnsafe(16);
  if (text.length !== TEXT_LENGTH) throw new RangeError('An id is not a UUID');
  let at = 0;
  for (let i = 0; i < 16; i += 1) {
    if ((i === 4 || i === 6 || i === 8 || i === 10) && text[at++] !== DASH)
      throw new RangeError('An id is not a UUID');
    const high = DIGITS[text[at++]!]!;
    const low = DIGITS[text[at++]!]!;
    if ((high | low) > 15) throw new RangeError('An id is not a UUID');
    bytes[i] = (high << 4) | low;
  }
  return bytes;
};

/** Returns the lower-case text of the 16 bytes at `at`. */
export const uuidText = (bytes: Uint8Array, at = 0): string => {
  let text = '';
  for (let i = 0; i < 16; i += 1) {
    text += HEX[bytes[at + i]!];
    if (i === 3 || i === 5 || i === 7 || i === 9) text += '-';
  }
  return text;
};

/** Reads event_store.client.UUID, as text or as two halves of 64 bits. @throws RangeError if it is not a UUID */
export const readUuid = (reader: WireReader): Buffer => {
  let bytes: Buffer | undefined;
  while (reader.next()) {
    if (reader.field === 2) bytes = uuidBytes(reader.bytes());
    else if (reader.field === 1) {
      bytes = Buffer.alloc(16);
      const halves = reader.message();
      while (halves.next()) bytes.writeBigUInt64BE(halves.uint64(), halves.field === 1 ? 0 : 8);
    } else reader.skip();
  }
  if (!bytes) throw new RangeError('A UUID is missing');
  return bytes;
};

/** Returns the 16 bytes of a random UUID (RFC 9562, version 4). */
export const randomUuid = (): Buffer => {
  const id = randomBytes(16);
  id[6] = (id[6]! & 0x0f) | 0x40;
  id[8] = (id[8]! & 0x3f) | 0x80;
  return id;
};
