import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRows, toRows } from './snapshot-rows.js';
import type { OperatorKeys } from '#libs/domain/access/access.decider.js';
import type { Bot } from '#libs/domain/bot/bot.decider.js';
import type { Channel } from '#libs/domain/channel/channel.decider.js';
import type { DirectoryState, Entry } from '../directory.js';
import type { SnapshotRow } from './snapshot-rows.js';

const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,8}$/),
  fc.constantFrom('constructor', 'toString'),
);
const keyId = fc.stringMatching(/^[a-z0-9]{8}$/);
const hash = fc.stringMatching(/^[0-9a-f]{8}$/);
const key = fc.oneof(
  fc.record({ hash }),
  fc.record({ hash, expiresAt: fc.constant('2026-11-29T09:00:00.000Z') }),
);
const keys = fc.dictionary(keyId, key, { noNullPrototype: true });
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
    fc.record(
      {
        status: fc.constantFrom('active' as const, 'suspended' as const),
        name: fc.constant(id),
        keys,
        revoked: fc.array(keyId, { minLength: 1, maxLength: 3 }).map((ids) => new Set(ids)),
      },
      { requiredKeys: ['status', 'name', 'keys'] },
    ),
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
  operators: entries((): fc.Arbitrary<OperatorKeys> =>
    fc.record({
      issued: keys,
      revoked: fc.array(keyId).map((ids) => new Set(ids)),
      tokensBefore: fc
        .array(fc.tuple(keyId, fc.oneof(fc.integer(), fc.constant(Infinity))))
        .map((times) => new Map(times)),
    }),
  ),
  damage: fc
    .array(fc.tuple(name, fc.array(fc.tuple(revision, fc.string()), { minLength: 1, maxLength: 3 })))
    .map((streams) => new Map(streams.map(([stream, unread]) => [stream, new Map(unread)]))),
});

describe('a saved directory', () => {
  it('comes back unchanged', () => {
    fc.assert(
      fc.property(state, (saved) => {
        const stored = JSON.parse(JSON.stringify([...toRows(saved)])) as SnapshotRow[];
        expect(fromRows(stored)).toEqual(saved);
      }),
    );
  });

  it('is refused when a row is not one of ours', () => {
    expect(() => fromRows([['planet', 'mars']] as unknown as SnapshotRow[])).toThrow(TypeError);
    expect(() => fromRows([['member', 'nowhere', 'bot', 0]])).toThrow(TypeError);
  });
});
