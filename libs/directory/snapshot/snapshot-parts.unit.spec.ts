import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SNAPSHOT_VERSION, SnapshotAssembly, toParts } from './snapshot-parts.js';
import type { OperatorKeys } from '#libs/domain/access/access.decider.js';
import type { Bot } from '#libs/domain/bot/bot.decider.js';
import type { Channel } from '#libs/domain/channel/channel.decider.js';
import type { Json } from '#libs/domain/json.js';
import type { DirectoryState, Entry } from '../directory.js';
import type { Snapshot, SnapshotPart } from './snapshot-parts.js';

const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,8}$/),
  fc.constantFrom('constructor', 'toString'),
);
const keys = fc.dictionary(fc.stringMatching(/^[a-z0-9]{8}$/), fc.stringMatching(/^[0-9a-f]{8}$/), {
  noNullPrototype: true,
});
const revision = fc.nat();
const entries = <S>(state: (id: string) => fc.Arbitrary<S>): fc.Arbitrary<ReadonlyMap<string, Entry<S>>> =>
  fc
    .uniqueArray(name, { maxLength: 6 })
    .chain((names) =>
      fc.tuple(...names.map((id) => fc.tuple(fc.constant(id), fc.record({ state: state(id), revision })))),
    )
    .map((pairs) => new Map(pairs));

const bot = (id: string): fc.Arbitrary<Bot> =>
  fc.oneof(
    fc.record({
      status: fc.constantFrom('active' as const, 'suspended' as const),
      name: fc.constant(id),
      keys,
    }),
    fc.constant({ status: 'unknown' as const }),
  );
const channel = (id: string): fc.Arbitrary<Channel> =>
  fc.oneof(
    fc.record({
      status: fc.constantFrom('open' as const, 'archived' as const),
      name: fc.constant(id),
      visibility: fc.constantFrom('public' as const, 'private' as const),
      members: fc.array(fc.tuple(name, fc.integer({ min: -1 }))).map((members) => new Map(members)),
    }),
    fc.constant({ status: 'unknown' as const }),
  );
const state: fc.Arbitrary<DirectoryState> = fc.record({
  bots: entries(bot),
  channels: entries(channel),
  operators: entries((): fc.Arbitrary<OperatorKeys> => keys),
});
const commit = fc.bigInt(0n, 2n ** 63n - 1n);
const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  position: fc.record({ commit, prepare: commit }),
  state,
});

/** As the store gives it back. */
const stored = (part: SnapshotPart): Json => JSON.parse(JSON.stringify(part)) as Json;

describe('a snapshot of the directory', () => {
  it('comes back as it was, in whatever parts it was cut and in whatever order they are found', () => {
    fc.assert(
      fc.property(
        snapshot,
        fc.integer({ min: 1, max: 400 }),
        fc.infiniteStream(fc.nat()),
        (saved, size, random) => {
          const parts = toParts('id', saved, size);
          const shuffled = parts.toSorted(() => ((random.next().value as number) % 3) - 1);
          const assembly = new SnapshotAssembly();
          const found = shuffled.map((part) => assembly.add(stored(part)));
          expect(found.slice(0, -1).every((one) => one === undefined)).toBe(true);
          expect(found.at(-1)).toEqual(saved);
        },
      ),
    );
  });

  it('is cut into parts no larger than wanted', () => {
    fc.assert(
      fc.property(snapshot, (saved) => {
        for (const { rows } of toParts('id', saved, 300)) {
          if (rows.length > 1) expect(Buffer.byteLength(JSON.stringify(rows))).toBeLessThanOrEqual(302);
        }
      }),
    );
  });

  it('does not count without all its parts, nor with parts of another', () => {
    const bots = new Map(
      ['a', 'b', 'c'].map((id) => [id, { state: { status: 'unknown' as const }, revision: 0 }]),
    );
    const saved: Snapshot = {
      position: { commit: 1n, prepare: 1n },
      state: { bots, channels: new Map(), operators: new Map() },
    };
    const [first, second] = [toParts('x', saved, 1), toParts('y', saved, 1)];
    const assembly = new SnapshotAssembly();
    const mixed = [first[0]!, second[1]!, first[2]!, first[0]!];
    expect(mixed.map((part) => assembly.add(stored(part)))).toEqual(mixed.map(() => undefined));
    expect(assembly.add(stored(first[1]!))).toEqual(saved);
  });

  it('is passed over in a version nobody knows', () => {
    const saved = {
      position: { commit: 1n, prepare: 1n },
      state: { bots: new Map(), channels: new Map(), operators: new Map() },
    };
    const [part] = toParts('x', saved, 100);
    expect(new SnapshotAssembly().add(stored({ ...part!, version: SNAPSHOT_VERSION + 1 }))).toBeUndefined();
    expect(new SnapshotAssembly().add(stored(part!))).toEqual(saved);
  });
});
