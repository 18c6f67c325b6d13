import type { Logged } from '#tools/harness/checker/history.js';
import { told } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { none } from '../none.js';
import { worst } from '../worst.js';

/** One question to the read side while PostgreSQL was away. */
export type ReadSeen = Readonly<{
  status: number;
  isMarkedStale: boolean;
  /** The answer is what it was before. */
  isLastKnown: boolean;
  ms: number;
}>;

export type PostgresAwaySeen = Readonly<{
  reads: readonly ReadSeen[];
  /** While it was away. */
  posts: Readonly<{ accepted: number; putOff: number; reconnections: number }>;
  /** From its start until the read side showed everything; Infinity: never. */
  levelMs: number;
  /** By the read side in the end. */
  shown: readonly Logged[];
  saw: Saw;
}>;

export const judgePostgresAway = (seen: PostgresAwaySeen): readonly Row[] => [
  none({
    id: 'faults.c.postgres.posts',
    what: 'PostgreSQL away: posts refused, and bots that lost their connection',
    value: seen.posts.putOff + seen.posts.reconnections,
    of: seen.posts.accepted,
    ofWhat: 'posts accepted meanwhile',
  }),
  ...reads(seen.reads),
  none({
    id: 'faults.c.postgres.caught-up',
    what: 'PostgreSQL back: messages that the read side lacks, has twice or shows otherwise than the log',
    value: differences(seen.saw.log, seen.shown),
    of: seen.saw.log.length,
    ofWhat: 'messages',
  }),
  told({
    id: 'faults.c.postgres.level',
    what: 'PostgreSQL back: until the read side is level, bots falling silent included',
    value: Math.round(seen.levelMs),
    unit: 'ms',
  }),
  exactRow(
    { id: 'faults.c.postgres.exact', what: 'PostgreSQL away: what bots saw differs from the log' },
    seen.saw,
  ),
];

const reads = (all: readonly ReadSeen[]): Row[] => [
  none({
    id: 'faults.c.postgres.reads',
    what: 'PostgreSQL away: questions that were not answered from the last known state',
    value: all.filter(({ status, isLastKnown }) => status !== 200 || !isLastKnown).length,
    of: all.length,
    ofWhat: 'questions',
  }),
  none({
    id: 'faults.c.postgres.stale',
    what: 'PostgreSQL away: answers that do not say that they are stale, and how old',
    value: all.filter(({ isMarkedStale }) => !isMarkedStale).length,
    of: all.length,
    ofWhat: 'answers',
  }),
  told({
    id: 'faults.c.postgres.slowest',
    what: 'PostgreSQL away: the slowest answer of the read side',
    value: worst(all.map(({ ms }) => ms)),
    unit: 'ms',
  }),
];

const differences = (log: readonly Logged[], shown: readonly Logged[]): number => {
  const left = new Map(log.map((message) => [nameOf(message), message]));
  let wrong = 0;
  for (const message of shown) if (!left.delete(nameOf(message))) wrong += 1;
  return wrong + left.size;
};

const nameOf = ({ channel, seq, bot, id, body, at }: Logged): string =>
  JSON.stringify([channel, seq, bot, id, body, at]);
