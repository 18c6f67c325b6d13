/** Polynomial of CRC-32 as zlib computes it, with its bits reversed. */
const POLYNOMIAL = 0xedb88320;
const BYTE = 256;
/** Bytes that `crc32OfSixteen` takes at once. */
const SIXTEEN = 16;
/** Bits of the longest length. */
const LENGTH_BITS = 32;
/** Entries of the table for one power of two: one for each value of each byte of a checksum. */
const POWER = 4 * BYTE;

/** For each distance from the end of sixteen bytes, what a byte there adds to the checksum. */
const BYTES = new Int32Array(SIXTEEN * BYTE);
/** For each power of two, how that many bytes change each byte of a checksum. */
const POWERS = new Int32Array(LENGTH_BITS * POWER);

const fillBytes = (): void => {
  for (let byte = 0; byte < BYTE; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    BYTES[byte] = crc;
  }
  for (let at = BYTE; at < BYTES.length; at += 1) {
    const crc = BYTES[at - BYTE]!;
    BYTES[at] = BYTES[crc & 0xff]! ^ (crc >>> 8);
  }
};

/** Returns what a checksum becomes after 2 to the power of this many bytes, all of them zero. */
const afterPower = (crc: number, power: number): number => {
  const at = power * POWER;
  return (
    POWERS[at + (crc & 0xff)]! ^
    POWERS[at + BYTE + ((crc >>> 8) & 0xff)]! ^
    POWERS[at + 2 * BYTE + ((crc >>> 16) & 0xff)]! ^
    POWERS[at + 3 * BYTE + (crc >>> 24)]!
  );
};

const fillPowers = (): void => {
  for (let at = 0; at < POWERS.length; at += 1) {
    const crc = (at % BYTE) << (8 * (Math.floor(at / BYTE) % 4));
    const power = Math.floor(at / POWER);
    POWERS[at] =
      power === 0 ? BYTES[crc & 0xff]! ^ (crc >>> 8) : afterPower(afterPower(crc, power - 1), power - 1);
  }
};

fillBytes();
fillPowers();

/**
 * Returns by how much the CRC-32 of `length` bytes changes if its initial value changes by `difference`. Both are
 * combined by exclusive or, and the bytes themselves do not matter, because CRC-32 is linear.
 */
export const crc32Difference = (difference: number, length: number): number => {
  let crc = difference;
  for (let power = 0, left = length; left !== 0; power += 1, left >>>= 1)
    if (left & 1) crc = afterPower(crc, power);
  return crc;
};

/** Returns the CRC-32 of the sixteen bytes at `at`, continued from `before`, as a signed integer. */
export const crc32OfSixteen = (bytes: Uint8Array, at: number, before: number): number => {
  const crc = ~before;
  return ~(
    BYTES[15 * BYTE + (bytes[at]! ^ (crc & 0xff))]! ^
    BYTES[14 * BYTE + (bytes[at + 1]! ^ ((crc >>> 8) & 0xff))]! ^
    BYTES[13 * BYTE + (bytes[at + 2]! ^ ((crc >>> 16) & 0xff))]! ^
    BYTES[12 * BYTE + (bytes[at + 3]! ^ (crc >>> 24))]! ^
    BYTES[11 * BYTE + bytes[at + 4]!]! ^
    BYTES[10 * BYTE + bytes[at + 5]!]! ^
    BYTES[9 * BYTE + bytes[at + 6]!]! ^
    BYTES[8 * BYTE + bytes[at + 7]!]! ^
    BYTES[7 * BYTE + bytes[at + 8]!]! ^
    BYTES[6 * BYTE + bytes[at + 9]!]! ^
    BYTES[5 * BYTE + bytes[at + 10]!]! ^
    BYTES[4 * BYTE + bytes[at + 11]!]! ^
    BYTES[3 * BYTE + bytes[at + 12]!]! ^
    BYTES[2 * BYTE + bytes[at + 13]!]! ^
    BYTES[BYTE + bytes[at + 14]!]! ^
    BYTES[bytes[at + 15]!]!
  );
};
