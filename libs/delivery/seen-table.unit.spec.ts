import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fingerprints, Names, SeenTable } from './seen-table.js';
import type { Fingerprint, Seen } from './seen-table.js';

const key: fc.Arbitrary<Fingerprint> = fc.tuple(
  fc.nat(2),
  fc.constantFrom(0, 1, 1_023, 0xffff_ffff),
  fc.nat(20),
  fc.constantFrom(0, 0xffff_ffff),
  fc.constantFrom(0, 7),
);
const seen: fc.Arbitrary<Seen> = fc.record({
  channel: fc.constantFrom('ops', 'general', 'räume'),
  seq: fc.oneof(fc.nat(9), fc.constant(Number.MAX_SAFE_INTEGER)),
  ours: fc.boolean(),
  at: fc.constantFrom(0, 1_767_225_600_123),
});

describe('the table of messages seen', () => {
  it('is a map', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, seen, fc.nat(30)), { maxLength: 300 }), (moves) => {
        const table = new SeenTable(new Names(), 7);
        const model = new Map<string, Seen>();
        for (const [id, entry, when] of moves) {
          expect(table.get(id)).toEqual(model.get(String(id)));
          if (when === 0) {
            table.clear();
            model.clear();
          } else {
            table.set(id, entry);
            model.set(String(id), entry);
          }
          expect(table.size).toBe(model.size);
        }
      }),
    );
  });

  it('holds as many as are put in', () => {
    const table = new SeenTable(new Names(), 7);
    const fingerprints = new Fingerprints();
    const count = 20_000;
    for (let n = 0; n < count; n += 1)
      table.set(fingerprints.fingerprintOf(`alice/${n}`), {
        channel: `c${n % 10}`,
        seq: n,
        ours: n % 2 === 0,
        at: n * 7,
      });
    expect(table.size).toBe(count);
    for (let n = 0; n < count; n += 1)
      expect(table.get(fingerprints.fingerprintOf(`alice/${n}`))).toEqual({
        channel: `c${n % 10}`,
        seq: n,
        ours: n % 2 === 0,
        at: n * 7,
      });
    expect(table.get(fingerprints.fingerprintOf(`alice/${count}`))).toBeUndefined();
  });

  it('tells ids apart by every digit, and by whose they are', () => {
    const fingerprints = new Fingerprints();
    const uuid = '0123abcd-4567-7abc-8def-0123456789ab';
    const others = uuid
      .split('')
      .flatMap((digit, at) =>
        digit === '-' ? [] : [`${uuid.slice(0, at)}${digit === '9' ? '8' : '9'}${uuid.slice(at + 1)}`],
      );
    const keys = [uuid, ...others, 'no-uuid', 'no-uuid-either', ''].flatMap((id) => [
      `ada/${id}`,
      `bob/${id}`,
    ]);
    expect(new Set(keys.map((each) => String(fingerprints.fingerprintOf(each)))).size).toBe(keys.length);
    expect(fingerprints.fingerprintOf(`ada/${uuid}`)).toEqual([
      0, 0x0123abcd, 0x45677abc, 0x8def0123, 0x456789ab,
    ]);
  });
});
