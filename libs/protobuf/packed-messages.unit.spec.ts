import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openPack, packMessages } from './packed-messages.js';
import { MalformedMessage, WireWriter } from './wire.js';

const message = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(WireWriter.small().bytes(1, bytes.subarray(0, 200)).finish()));
const messages = fc.array(message, { minLength: 2, maxLength: 20 });

const unpacked = (packed: Buffer): Buffer[] => {
  const pack = openPack(packed)!;
  const found: Buffer[] = [];
  while (pack.next()) found.push(pack.bytes());
  return found;
};

describe('packed messages', () => {
  it('come out as they were, in order', () => {
    fc.assert(
      fc.property(messages, (sent) => {
        expect(unpacked(packMessages(sent))).toEqual(sent);
      }),
    );
  });

  it('are told from a message by itself, which stays as it is', () => {
    fc.assert(
      fc.property(message, (alone) => {
        expect(packMessages([alone])).toBe(alone);
        expect(openPack(alone)).toBeUndefined();
      }),
    );
  });

  it('cut short are an error, never half a message', () => {
    const packed = packMessages([Buffer.alloc(5, 8), Buffer.alloc(9, 8)]);
    for (const length of [1, 3, packed.length - 1])
      expect(() => unpacked(packed.subarray(0, length))).toThrow(MalformedMessage);
  });
});
