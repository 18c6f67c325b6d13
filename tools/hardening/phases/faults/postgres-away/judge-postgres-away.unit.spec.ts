import { describe, expect, it } from 'vitest';
import { sawOfAnHonestRun, sawWithAGap } from '#test/support/hardening/saw-of-an-honest-run.js';
import { missedIn } from '#test/support/hardening/missed-rows.js';
import { judgePostgresAway } from './judge-postgres-away.js';
import type { PostgresAwaySeen, ReadSeen } from './judge-postgres-away.js';

const READ: ReadSeen = { status: 200, isMarkedStale: true, isLastKnown: true, ms: 4 };
const SAW = sawOfAnHonestRun();
const GOOD: PostgresAwaySeen = {
  reads: [READ],
  posts: { accepted: 400, putOff: 0, reconnections: 0 },
  levelMs: 900,
  shown: SAW.log.toReversed(),
  saw: SAW,
};

const read = (one: Partial<ReadSeen>): PostgresAwaySeen => ({ ...GOOD, reads: [READ, { ...READ, ...one }] });

describe('PostgreSQL away', () => {
  it('meets every target when everything was as it should be', () => {
    expect(missedIn(judgePostgresAway(GOOD))).toEqual([]);
  });

  it.each<[string, string, PostgresAwaySeen]>([
    ['a post put off', 'posts', { ...GOOD, posts: { ...GOOD.posts, putOff: 1 } }],
    ['a connection lost', 'posts', { ...GOOD, posts: { ...GOOD.posts, reconnections: 1 } }],
    ['no post at all', 'posts', { ...GOOD, posts: { ...GOOD.posts, accepted: 0 } }],
    ['a question refused', 'reads', read({ status: 503 })],
    ['an answer that is not the last known one', 'reads', read({ isLastKnown: false })],
    ['an answer that does not say that it is stale', 'stale', read({ isMarkedStale: false })],
    ['a message not shown', 'caught-up', { ...GOOD, shown: SAW.log.slice(1) }],
    ['a message shown twice', 'caught-up', { ...GOOD, shown: [...SAW.log, SAW.log[0]!] }],
    [
      'a message shown otherwise',
      'caught-up',
      { ...GOOD, shown: SAW.log.with(0, { ...SAW.log[0]!, body: '' }) },
    ],
    ['a message missing', 'exact', { ...GOOD, saw: sawWithAGap() }],
  ])('misses its target: %s', (_, row, seen) => {
    expect(missedIn(judgePostgresAway(seen))).toEqual([`faults.c.postgres.${row}`]);
  });

  it('misses its targets when nobody asked', () => {
    expect(missedIn(judgePostgresAway({ ...GOOD, reads: [] }))).toEqual([
      'faults.c.postgres.reads',
      'faults.c.postgres.stale',
    ]);
  });
});
