import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEntry } from './event-entry.js';
import type { EntryEvent } from './event-entry.js';

const EXAMPLE: EntryEvent = {
  stream: 'messages-general',
  revision: 41,
  type: 'MessagePosted',
  eventId: '0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f',
  ticks: 17_953_650_000_000_000n,
  isJson: true,
  data: Buffer.from('{"bot":"alice","body":"hi"}'),
  metadata: Buffer.from('{"schema":1}'),
};

const uuid = fc.uuid();
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ minLength: 1_000, maxLength: 1_100 }),
);
const events: fc.Arbitrary<EntryEvent> = fc.record({
  stream: text,
  revision: fc.maxSafeNat(),
  type: text,
  eventId: uuid,
  ticks: fc.bigInt(0n, 2n ** 63n),
  isJson: fc.boolean(),
  data: fc.uint8Array({ maxLength: 300 }),
  metadata: fc.uint8Array({ maxLength: 300 }),
});

describe('the entry of an event', () => {
  it('is different as soon as one field is', () => {
    fc.assert(
      fc.property(
        events,
        events,
        fc.constantFrom(...(Object.keys(EXAMPLE) as (keyof EntryEvent)[])),
        (a, b, field) => {
          const mixed = { ...a, [field]: b[field] };
          const same = Buffer.from(String(a[field])).equals(Buffer.from(String(b[field])));
          expect(encodeEntry(mixed).equals(encodeEntry(a))).toBe(same);
        },
      ),
    );
  });

  it('does not mix neighbouring fields up', () => {
    const entries = [
      { ...EXAMPLE, stream: 'ab', type: 'c' },
      { ...EXAMPLE, stream: 'a', type: 'bc' },
      { ...EXAMPLE, data: Buffer.from('xy'), metadata: Buffer.from('z') },
      { ...EXAMPLE, data: Buffer.from('x'), metadata: Buffer.from('yz') },
    ].map((event) => encodeEntry(event).toString('hex'));
    expect(new Set(entries).size).toBe(entries.length);
  });

  it('stays small, whatever is in the event', () => {
    const huge = {
      ...EXAMPLE,
      stream: 's'.repeat(65_535),
      type: 't'.repeat(70_000),
      data: Buffer.alloc(1_000_000),
    };
    expect(encodeEntry(huge).length).toBeLessThan(256);
    const longest = { ...EXAMPLE, stream: 's'.repeat(1_024), type: 't'.repeat(1_024) };
    expect(encodeEntry(longest).length).toBe(2_158);
  });

  it('is refused for what no store gives', () => {
    expect(() => encodeEntry({ ...EXAMPLE, eventId: 'x' })).toThrow('"x" is not a UUID');
    expect(() => encodeEntry({ ...EXAMPLE, revision: -1 })).toThrow(RangeError);
    expect(() => encodeEntry({ ...EXAMPLE, ticks: 2n ** 64n })).toThrow(RangeError);
  });
});
