import type { WireReader } from './wire.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 16 bytes of a UUID's text. @throws RangeError if it is none. */
export const uuidBytes = (text: string): Buffer => {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  if (bytes.length !== 16) throw new RangeError(`"${text}" is not a UUID`);
  return bytes;
};

/** Lower-case text of the 16 bytes at `at`. */
export const uuidText = (bytes: Uint8Array, at = 0): string => {
  let text = '';
  for (let i = 0; i < 16; i += 1) {
    text += HEX[bytes[at + i]!];
    if (i === 3 || i === 5 || i === 7 || i === 9) text += '-';
  }
  return text;
};

/** Reads event_store.client.UUID, as text or as two halves of 64 bits. @throws RangeError if it is none. */
export const readUuid = (reader: WireReader): Buffer => {
  let bytes: Buffer | undefined;
  while (reader.next()) {
    if (reader.field === 2) bytes = uuidBytes(reader.string());
    else if (reader.field === 1) {
      bytes = Buffer.alloc(16);
      const halves = reader.message();
      while (halves.next()) bytes.writeBigUInt64BE(halves.uint64(), halves.field === 1 ? 0 : 8);
    } else reader.skip();
  }
  if (!bytes) throw new RangeError('A UUID is missing');
  return bytes;
};
