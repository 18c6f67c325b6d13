import type { Logged } from '#tools/harness/checker/history.js';
import { reportedRow } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { mustBeNone } from '../none.js';
import { worst } from '../worst.js';

/** One request to the read side while PostgreSQL was away. */
export type ReadSeen = Readonly<{
  status: number;
  isMarkedStale: boolean;
  /** Whether the answer is the same as before PostgreSQL went away. */
  isLastKnown: boolean;
  ms: number;
}>;

export type PostgresAwaySeen = Readonly<{
  reads: readonly ReadSeen[];
  /** Counts of the time while PostgreSQL was away. */
  posts: Readonly<{ accepted: number; putOff: number; reconnections: number }>;
  /** Time from PostgreSQL's restart until the read side showed everything; Infinity means never. */
  levelMs: number;
  /** The messages that the read side showed in the end. */
  shown: readonly Logged[];
  saw: Saw;
}>;

export const judgePostgresAway = (seen: PostgresAwaySeen): readonly Row[] => [
  mustBeNone({
    id: 'faults.c.postgres.posts',
    what: 'PostgreSQL away: posts refused, and bots that lost their connection',
    value: seen.posts.putOff + seen.posts.reconnections,
    of: seen.posts.accepted,
    ofWhat: 'posts accepted meanwhile',
  }),
  ...reads(seen.reads),
  mustBeNone({
    id: 'faults.c.postgres.caught-up',
    what: 'PostgreSQL back: messages that the read side misses, shows twice or shows differently from the log',
    value: differences(seen.saw.log, seen.shown),
    of: seen.saw.log.length,
    ofWhat: 'messages',
  }),
  reportedRow({
    id: 'faults.c.postgres.level',
    what: 'PostgreSQL back: time until the read side has caught up, including the time for bots to fall silent',
    value: Math.round(seen.levelMs),
    unit: 'ms',
  }),
  exactRow(
    { id: 'faults.c.postgres.exact', what: 'PostgreSQL away: differences between the log and what bots saw' },
    seen.saw,
  ),
];

const reads = (all: readonly ReadSeen[]): Row[] => [
  mustBeNone({
    id: 'faults.c.postgres.reads',
    what: 'PostgreSQL away: reads that were not answered from the last known state',
    value: all.filter(({ status, isLastKnown }) => status !== 200 || !isLastKnown).length,
    of: all.length,
    ofWhat: 'reads',
  }),
  mustBeNone({
    id: 'faults.c.postgres.stale',
    what: 'PostgreSQL away: answers that do not say that they are stale and how old they are',
    value: all.filter(({ isMarkedStale }) => !isMarkedStale).length,
    of: all.length,
    ofWhat: 'answers',
  }),
  reportedRow({
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
