import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotAssembly, toParts } from './snapshot-parts.js';
import type { Json } from '#libs/domain/json.js';
import type { SavedRows, SnapshotPart } from './snapshot-parts.js';

const position = fc.bigInt(-1n, 2n ** 62n).map((commit) => ({ commit, prepare: commit }));
const row = fc.array(fc.oneof(fc.string({ maxLength: 20 }), fc.nat(), fc.constant(null)), { maxLength: 5 });
const snapshot: fc.Arbitrary<SavedRows> = fc.record({ position, rows: fc.array(row, { maxLength: 20 }) });

/** Returns a part as it comes back from the store. */
const stored = (part: SnapshotPart): Json => JSON.parse(JSON.stringify(part)) as Json;
const partsOf = (saved: SavedRows, maxBytes: number, id = 'id', version = 1): SnapshotPart[] =>
  toParts({ id, version, ...saved }, maxBytes);
const three: SavedRows = { position: { commit: 1n, prepare: 1n }, rows: [['a'], ['b'], ['c']] };

describe('a snapshot in parts', () => {
  it('comes back unchanged, however it was cut and in whatever order its parts are found', () => {
    fc.assert(
      fc.property(
        snapshot,
        fc.integer({ min: 1, max: 400 }),
        fc.infiniteStream(fc.nat()),
        (saved, size, random) => {
          const parts = partsOf(saved, size);
          const shuffled = parts.toSorted(() => ((random.next().value as number) % 3) - 1);
          const assembly = new SnapshotAssembly(1);
          const found = shuffled.map((part) => assembly.addPart(stored(part)));
          expect(found.slice(0, -1).every((one) => one === undefined)).toBe(true);
          expect(found.at(-1)).toEqual(saved);
        },
      ),
    );
  });

  it('is cut into parts no larger than wanted', () => {
    fc.assert(
      fc.property(snapshot, (saved) => {
        for (const { rows } of partsOf(saved, 300)) {
          if (rows.length > 1) expect(Buffer.byteLength(JSON.stringify(rows))).toBeLessThanOrEqual(302);
        }
      }),
    );
  });

  it('does not count without all its parts, nor with parts of another', () => {
    const [first, second] = [partsOf(three, 1, 'x'), partsOf(three, 1, 'y')];
    const assembly = new SnapshotAssembly(1);
    const mixed = [first[0]!, second[1]!, first[2]!, first[0]!];
    expect(mixed.map((part) => assembly.addPart(stored(part)))).toEqual(mixed.map(() => undefined));
    expect(assembly.addPart(stored(first[1]!))).toEqual(three);
  });

  it('is skipped in an unknown version', () => {
    const [part] = partsOf(three, 100);
    expect(new SnapshotAssembly(2).addPart(stored(part!))).toBeUndefined();
    expect(new SnapshotAssembly(1).addPart(stored(part!))).toEqual(three);
  });
});
