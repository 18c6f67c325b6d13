import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedMessage, WireReader, WireWriter, fieldSize, varintSize } from '#libs/protobuf/wire.js';

describe('numbers', () => {
  it('come back as they were written, in the predicted size', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (value) => {
        const bytes = WireWriter.small().uint(3, value).finish();
        expect(bytes).toHaveLength(1 + varintSize(value));
        const reader = new WireReader(bytes);
        expect(reader.next()).toBe(true);
        expect([reader.field, reader.uint()]).toEqual([3, value]);
        expect(reader.next()).toBe(false);
      }),
    );
  });
  it('of 64 bits are read exactly when asked for', () => {
    const bytes = WireWriter.small().uint64Max(1).int64Max(2).finish();
    const reader = new WireReader(bytes);
    reader.next();
    expect(reader.uint64()).toBe(2n ** 64n - 1n);
    reader.next();
    expect(reader.uint64()).toBe(2n ** 63n - 1n);
  });
});

it('Text and bytes come back, and unknown fields are skipped', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      (text, bytes) => {
        const size = fieldSize(Buffer.byteLength(text)) + fieldSize(bytes.length) + 9 + 5 + 2;
        const writer = new WireWriter(Buffer.alloc(size)).string(1, text);
        writer.raw(Buffer.from([(2 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8])); // fixed64
        writer.raw(Buffer.from([(3 << 3) | 5, 1, 2, 3, 4])); // fixed32
        const reader = new WireReader(writer.uint(4, 1).bytes(5, bytes).target);
        const fields: unknown[] = [];
        while (reader.next()) {
          if (reader.field === 1) fields.push(reader.string());
          else if (reader.field === 5) fields.push(new Uint8Array(reader.bytes()));
          else reader.skip();
        }
        expect(fields).toEqual([Buffer.from(text).toString(), bytes]);
      },
    ),
  );
});

it('Arbitrary bytes are read to their end or refused, never beyond', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const reader = new WireReader(Buffer.from(bytes));
      try {
        while (reader.next()) reader.skip();
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessage);
      }
    }),
  );
});
