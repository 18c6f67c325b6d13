import { TILE_WIDTH } from './tile-path.js';

/** The longest entry that a bundle can hold, in bytes. */
const MAX_ENTRY = 0xffff;

/**
 * Returns the bundle of some neighbouring entries (C2SP tlog-tiles): each with its length in front, as two bytes, the
 * higher one first.
 *
 * @throws RangeError when an entry is too long
 */
export const encodeBundle = (entries: readonly Uint8Array[]): Buffer =>
  Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY) throw new RangeError(`An entry has ${entry.length} bytes`);
      return [Buffer.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );

/** Returns the entries of a bundle. @throws RangeError when it is cut off, or holds more than a tile */
export const decodeBundle = (bundle: Buffer): Buffer[] => {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    const end = at + 2 > bundle.length ? Infinity : at + 2 + bundle.readUInt16BE(at);
    if (end > bundle.length || entries.length === TILE_WIDTH)
      throw new RangeError('The bundle of entries is cut off, or has more than a tile holds');
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
};
