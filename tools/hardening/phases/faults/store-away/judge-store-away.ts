import type { WireError } from '#libs/protocol/errors.js';
import { holds } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { mustBeNone } from '../none.js';
import { worst } from '../worst.js';

/** The answer to a post, and the time it took. */
export type AnswerSeen = Readonly<{ ms: number; answer: 'ok' | 'none' | WireError }>;

export type StoreAwaySeen = Readonly<{
  /** The notices that each bot received, in order. */
  notices: readonly (readonly string[])[];
  /** Times of attempts to connect to the store, in ms since it was lost. */
  attemptsAt: readonly number[];
  /** Time until the store was started again, in ms since it was lost. */
  awayMs: number;
  /** More posts at once than may wait, with their answers. */
  burst: readonly AnswerSeen[];
  /** Posts that came after the burst, and were waiting when the store came back. */
  later: readonly AnswerSeen[];
  /** The refused posts, sent again. */
  again: readonly AnswerSeen[];
  reconnections: number;
  saw: Saw;
}>;

/** Number of posts that may wait for a store that is away. */
export const QUEUE = 100;
const BOUND_MS = 30_000;
const ATTEMPT_EVERY_MS = 5_000;
/** Tolerance for a busy machine. */
const TOLERANCE_MS = 2_000;

const NOTICES = [
  'store_unavailable: Connection lost, retrying...',
  'store_restored: Connection to the event store restored',
];

export const judgeStoreAway = (seen: StoreAwaySeen): readonly Row[] => [
  notices(seen.notices),
  ...bounds(seen.burst),
  attempts(seen),
  mustBeNone({
    id: 'faults.c.store.accepted',
    what: 'Event store back: posts that waited for it and were not accepted',
    value: seen.later.filter(({ answer }) => answer !== 'ok').length,
    of: seen.later.length,
    ofWhat: 'that waited',
  }),
  mustBeNone({
    id: 'faults.c.store.again',
    what: 'Event store back: refused posts, sent again under their ids, that were not accepted',
    value: seen.again.filter(({ answer }) => answer !== 'ok').length,
    of: seen.again.length,
    ofWhat: 'sent again',
  }),
  mustBeNone({
    id: 'faults.c.store.connections',
    what: 'Event store away: bots that lost their connection',
    value: seen.reconnections,
    of: seen.notices.length,
    ofWhat: 'bots',
  }),
  exactRow(
    { id: 'faults.c.store.exact', what: 'Event store away: differences between the log and what bots saw' },
    seen.saw,
  ),
];

const notices = (all: StoreAwaySeen['notices']): Row => {
  const right = all.filter((heard) => heard.join() === NOTICES.join());
  const wrong = all.find((heard) => !right.includes(heard));
  return holds(all.length > 0 && right.length === all.length, {
    id: 'faults.c.store.notice',
    what: 'Event store away: bots are told "Connection lost, retrying...", and told when the store is back',
    measured: `${right.length} of ${all.length} bots`,
    target: 'every bot, once',
    ...(wrong && { why: wrong.length > 0 ? `a bot heard: ${wrong.join('; ')}` : 'a bot heard nothing' }),
  });
};

/** When more posts arrive than may wait, the newest are refused at once, and the others when their time is over. */
const bounds = (burst: readonly AnswerSeen[]): Row[] => {
  const isLate = ({ ms }: AnswerSeen): boolean => ms > BOUND_MS - TOLERANCE_MS;
  const waited = burst.filter(isLate);
  const times = waited.map(({ ms }) => ms);
  const clear = burst.filter(({ answer }) => isClear(answer));
  const texts = new Set(clear.map(({ answer }) => (typeof answer === 'object' ? answer.message : answer)));
  return [
    holds(waited.length === QUEUE && burst.length > QUEUE, {
      id: 'faults.c.store.waiting',
      what: `Event store away: posts that wait, of ${burst.length} at once`,
      measured: String(waited.length),
      target: String(QUEUE),
    }),
    holds(times.length > 0 && Math.max(...times) <= BOUND_MS + TOLERANCE_MS, {
      id: 'faults.c.store.bound',
      what: 'Event store away: a post waits no longer than its bound',
      measured: `${(worst(times) / 1_000).toFixed(1)} s`,
      target: `${BOUND_MS / 1_000} s`,
    }),
    {
      ...mustBeNone({
        id: 'faults.c.store.refused',
        what: 'Event store away: posts past the bounds that got no clear, retryable error',
        value: burst.length - clear.length,
        of: burst.length,
        ofWhat: `posts (“${[...texts].join('”, “')}”)`,
      }),
      target: '0: each 503 store_unavailable, retryable',
    },
  ];
};

const isClear = (answer: AnswerSeen['answer']): boolean =>
  typeof answer === 'object' &&
  answer.code === 'store_unavailable' &&
  answer.status === 503 &&
  answer.retryable &&
  answer.message.length > 0;

/** Counts attempts by any part of the system to reach the store. */
const attempts = ({ attemptsAt, awayMs }: StoreAwaySeen): Row => {
  const times = [0, ...attemptsAt, awayMs];
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  const longest = Math.max(...gaps);
  return holds(attemptsAt.length > 0 && longest <= ATTEMPT_EVERY_MS, {
    id: 'faults.c.store.attempts',
    what: 'Event store away: the longest time without an attempt to reach it',
    measured: `${(longest / 1_000).toFixed(1)} s (${attemptsAt.length} attempts in ${(awayMs / 1_000).toFixed(0)} s)`,
    target: 'at least every 5 s',
  });
};
