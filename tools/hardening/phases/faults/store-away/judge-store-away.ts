import type { WireError } from '#libs/protocol/errors.js';
import { holds } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { none } from '../none.js';
import { worst } from '../worst.js';

/** How a post was answered, and after how long. */
export type AnswerSeen = Readonly<{ ms: number; answer: 'ok' | 'none' | WireError }>;

export type StoreAwaySeen = Readonly<{
  /** What each bot was told, in order. */
  notices: readonly (readonly string[])[];
  /** When somebody tried to connect to the store, ms from its loss; and when it was started again. */
  attemptsAt: readonly number[];
  awayMs: number;
  /** More posts at once than may wait, all of them until they were answered. */
  burst: readonly AnswerSeen[];
  /** Posts that came after those, and waited when the store came back. */
  later: readonly AnswerSeen[];
  /** What was refused, sent again. */
  again: readonly AnswerSeen[];
  reconnections: number;
  saw: Saw;
}>;

/** Posts that may wait for a store that is away. */
export const QUEUE = 100;
const BOUND_MS = 30_000;
const ATTEMPT_EVERY_MS = 5_000;
/** Of a machine that is busy. */
const TOLERANCE_MS = 2_000;

const NOTICES = [
  'store_unavailable: Connection lost, retrying...',
  'store_restored: Connection to the event store restored',
];

export const judgeStoreAway = (seen: StoreAwaySeen): readonly Row[] => [
  notices(seen.notices),
  ...bounds(seen.burst),
  attempts(seen),
  none({
    id: 'faults.c.store.accepted',
    what: 'Event store back: posts that waited for it and were not accepted',
    value: seen.later.filter(({ answer }) => answer !== 'ok').length,
    of: seen.later.length,
    ofWhat: 'that waited',
  }),
  none({
    id: 'faults.c.store.again',
    what: 'Event store back: posts that were refused, sent again under their ids and not accepted',
    value: seen.again.filter(({ answer }) => answer !== 'ok').length,
    of: seen.again.length,
    ofWhat: 'sent again',
  }),
  none({
    id: 'faults.c.store.connections',
    what: 'Event store away: bots that lost their connection',
    value: seen.reconnections,
    of: seen.notices.length,
    ofWhat: 'bots',
  }),
  exactRow(
    { id: 'faults.c.store.exact', what: 'Event store away: what bots saw differs from the log' },
    seen.saw,
  ),
];

const notices = (all: StoreAwaySeen['notices']): Row => {
  const right = all.filter((heard) => heard.join() === NOTICES.join());
  const wrong = all.find((heard) => !right.includes(heard));
  return holds(all.length > 0 && right.length === all.length, {
    id: 'faults.c.store.notice',
    what: 'Event store away: bots are told "Connection lost, retrying...", and when it is back',
    measured: `${right.length} of ${all.length} bots`,
    target: 'every bot, once',
    ...(wrong && { why: wrong.length > 0 ? `a bot heard: ${wrong.join('; ')}` : 'a bot heard nothing' }),
  });
};

/** Of more posts than may wait the newest are refused at once, the others when their time is over. */
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
      ...none({
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

/** By whatever in the system looked for the store. */
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
