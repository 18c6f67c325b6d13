import { crc32 } from 'node:zlib';
import { assert, integer, property, uint8Array } from 'fast-check';
import { describe, it } from 'vitest';
import { crc32Difference, crc32OfSixteen } from './crc32-parts.js';

const sum = (): ReturnType<typeof integer> => integer({ min: 0, max: 0xffff_ffff });

describe('parts of a CRC-32', () => {
  it('sixteen bytes have the checksum that zlib gives them, from any initial value', () => {
    assert(
      property(
        uint8Array({ minLength: 20, maxLength: 20 }),
        integer({ min: 0, max: 4 }),
        sum(),
        (bytes, at, before) => {
          return crc32OfSixteen(bytes, at, before) >>> 0 === crc32(bytes.subarray(at, at + 16), before);
        },
      ),
    );
  });

  it('two initial values make the same difference whatever the bytes are', () => {
    assert(
      property(uint8Array({ maxLength: 5_000, size: 'max' }), sum(), sum(), (bytes, one, other) => {
        const difference = crc32(bytes, one) ^ crc32(bytes, other);
        return crc32Difference(one ^ other, bytes.length) === difference;
      }),
    );
  });
});
