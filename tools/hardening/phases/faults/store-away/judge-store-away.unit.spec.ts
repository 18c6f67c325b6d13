import { describe, expect, it } from 'vitest';
import type { WireError } from '#libs/protocol/errors.js';
import { sawOfAnHonestRun, sawWithAGap } from '#test/support/hardening/saw-of-an-honest-run.js';
import { missedIn } from '#test/support/hardening/missed-rows.js';
import { judgeStoreAway } from './judge-store-away.js';
import type { AnswerSeen, StoreAwaySeen } from './judge-store-away.js';

const ERROR: WireError = { code: 'store_unavailable', status: 503, message: 'Try again', retryable: true };
const AT_ONCE: AnswerSeen = { ms: 10, answer: ERROR };
const LATE: AnswerSeen = { ms: 30_010, answer: ERROR };
const OK: AnswerSeen = { ms: 3_000, answer: 'ok' };
const TOLD = [
  'store_unavailable: Connection lost, retrying...',
  'store_restored: Connection to the event store restored',
];
const burstOf = (atOnce: number, late: number): AnswerSeen[] => [
  ...Array.from({ length: late }, () => LATE),
  ...Array.from({ length: atOnce }, () => AT_ONCE),
];
const GOOD: StoreAwaySeen = {
  notices: [TOLD, TOLD],
  attemptsAt: [4_000, 8_500, 13_000, 18_000, 22_000, 26_000, 30_000],
  awayMs: 34_000,
  burst: burstOf(40, 100),
  later: [OK],
  again: [OK],
  reconnections: 0,
  saw: sawOfAnHonestRun(),
};
const refused = (error: Partial<WireError>): StoreAwaySeen => ({
  ...GOOD,
  burst: GOOD.burst.with(0, { ...LATE, answer: { ...ERROR, ...error } }),
});

describe('the event store away', () => {
  it('meets every target when everything was as it should be', () => {
    expect(missedIn(judgeStoreAway(GOOD))).toEqual([]);
  });

  it.each<[string, string, StoreAwaySeen]>([
    ['a bot that was told nothing', 'notice', { ...GOOD, notices: [TOLD, []] }],
    [
      'a bot that was told something else',
      'notice',
      { ...GOOD, notices: [['store_unavailable: Oops', TOLD[1]!]] },
    ],
    ['a bot that was told twice', 'notice', { ...GOOD, notices: [[...TOLD, ...TOLD]] }],
    ['a bot that was not told of its return', 'notice', { ...GOOD, notices: [TOLD.slice(0, 1)] }],
    ['too many wait', 'waiting', { ...GOOD, burst: burstOf(39, 101) }],
    ['too few wait', 'waiting', { ...GOOD, burst: burstOf(41, 99) }],
    ['no more came than may wait', 'waiting', { ...GOOD, burst: burstOf(0, 100) }],
    ['one waits too long', 'bound', { ...GOOD, burst: GOOD.burst.with(0, { ...LATE, ms: 40_000 }) }],
    ['one is not answered', 'refused', { ...GOOD, burst: GOOD.burst.with(0, { ...LATE, answer: 'none' }) }],
    [
      'one is accepted by a store that is away',
      'refused',
      { ...GOOD, burst: GOOD.burst.with(0, { ...LATE, answer: 'ok' }) },
    ],
    ['another error', 'refused', refused({ code: 'forbidden' })],
    ['another status', 'refused', refused({ status: 500 })],
    ['an error that is not retryable', 'refused', refused({ retryable: false })],
    ['an error without words', 'refused', refused({ message: '' })],
    ['5 s without an attempt', 'attempts', { ...GOOD, attemptsAt: GOOD.attemptsAt.toSpliced(3, 1) }],
    ['no attempt at first', 'attempts', { ...GOOD, attemptsAt: GOOD.attemptsAt.slice(1) }],
    ['no attempt at last', 'attempts', { ...GOOD, awayMs: 36_000 }],
    ['no attempt at all', 'attempts', { ...GOOD, attemptsAt: [], awayMs: 1_000 }],
    ['what waited is refused', 'accepted', { ...GOOD, later: [OK, AT_ONCE] }],
    ['nothing waited', 'accepted', { ...GOOD, later: [] }],
    ['what is sent again is refused', 'again', { ...GOOD, again: [OK, AT_ONCE] }],
    ['nothing was sent again', 'again', { ...GOOD, again: [] }],
    ['a connection lost', 'connections', { ...GOOD, reconnections: 1 }],
    ['a message missing', 'exact', { ...GOOD, saw: sawWithAGap() }],
  ])('misses its target: %s', (_, row, seen) => {
    expect(missedIn(judgeStoreAway(seen))).toEqual([`faults.c.store.${row}`]);
  });
});
