import { crc32 } from 'node:zlib';

const SUM_SIZE = 4;

/**
 * Adds to a value of the index a checksum over the value and its key, so that a change of either is noticed when it is
 * read.
 */
export const sealValue = (key: Buffer, value: Buffer): Buffer => {
  const sealed = Buffer.allocUnsafe(value.length + SUM_SIZE);
  value.copy(sealed);
  sealed.writeUInt32BE(crc32(value, crc32(key)), value.length);
  return sealed;
};

/** Returns the value as a view; undefined if it is not what was sealed under this key. */
export const unsealValue = (key: Buffer, sealed: Buffer): Buffer | undefined => {
  if (sealed.length < SUM_SIZE) return undefined;
  const value = sealed.subarray(0, sealed.length - SUM_SIZE);
  return crc32(value, crc32(key)) === sealed.readUInt32BE(value.length) ? value : undefined;
};
