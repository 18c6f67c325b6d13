import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DamagedLog } from '../record/damaged-log.js';
import { KeptRanges, type KeptRange } from './kept-ranges.js';

const BASE = 1000;
const arbitrary = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 20 }), length: fc.integer({ min: 1, max: 20 }) }), {
    maxLength: 12,
  })
  .map((steps) => {
    let at = BASE;
    const ranges: KeptRange[] = steps.map(({ gap, length }) => {
      const start = at + gap;
      at = start + length;
      return { start, length };
    });
    return { ranges, end: at + 5 };
  });

/** Decodes this table behind the given number of record bytes. */
const decode = (bytes: Buffer, recordBytes: number): KeptRanges => {
  const file = Buffer.concat([Buffer.alloc(recordBytes), bytes]);
  return KeptRanges.decode(BASE, file.length, (offset, length) => file.subarray(offset, offset + length));
};

describe('positions', () => {
  it('are found, and neighbours of gaps, as by looking at each', () => {
    fc.assert(
      fc.property(arbitrary, ({ ranges, end }) => {
        const kept = new KeptRanges(BASE, ranges, end, 7);
        const all = ranges.flatMap(({ start, length }) => Array.from({ length }, (_, i) => start + i));
        for (let position = BASE; position <= end; position += 1) {
          const range = kept.at(position);
          expect(range !== undefined).toBe(all.includes(position));
          if (range) expect(range.offset + position - range.start).toBe(all.indexOf(position));
          expect(kept.from(position)).toBe(all.find((other) => other >= position));
          const before = all.findLast((other) => other < position);
          expect(kept.before(position)).toBe(before === undefined ? undefined : before + 1);
        }
        expect(kept.size).toBe(all.length);
      }),
    );
  });
});

describe('the table', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(arbitrary, ({ ranges, end }) => {
        const kept = new KeptRanges(BASE, ranges, end, 0xdead_beef);
        expect(decode(kept.encode(), kept.size)).toEqual(kept);
      }),
    );
  });

  it('is refused when any byte of it differs, or is missing', () => {
    const kept = new KeptRanges(BASE, [{ start: 1010, length: 4 }], 1100, 7);
    const bytes = kept.encode();
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      expect(() => decode(changed, kept.size)).toThrow(DamagedLog);
    }
    expect(() => decode(bytes.subarray(0, -1), kept.size)).toThrow(DamagedLog);
    expect(() => decode(bytes, kept.size + 1)).toThrow(DamagedLog);
  });
});
