import { checkHistory, describeViolations } from '#tools/harness/checker/check-history.js';
import type { BotHistory, Rule, Violation } from '#tools/harness/checker/history.js';
import { mustBeNone } from '../none.js';
import type { Saw } from './saw.js';
import type { Row } from '../../../report/hardening-report.js';

/** Returns one row that counts every difference between the log and what bots saw. */
export const exactRow = (row: Readonly<{ id: string; what: string; predecessor?: string }>, saw: Saw): Row =>
  counted(row, violationsOf(saw), saw);

/** Counts the same differences for a whole phase, with one row for each kind of promise. */
export const exactRows = (saw: readonly Saw[]): readonly Row[] => {
  const violations = saw.flatMap(violationsOf);
  const histories = saw.flatMap((one) => one.histories);
  return Object.entries(PROMISES).map(([promise, what]) =>
    counted(
      { id: `faults.exact.${promise}`, what },
      violations.filter(({ rule }) => RULES[rule] === promise),
      { histories },
    ),
  );
};

const PROMISES = {
  lost: 'Acknowledged messages that are not in the log',
  gaps: 'Gaps in what a bot received of a channel',
  repeats: 'Messages received twice or out of order',
  twice: 'Messages in the log more than once, or accepted as new again',
  changed: 'Messages that are not, byte for byte, what was sent',
  order: 'Messages of one sender that are not in the order in which they were sent',
  answers: 'Posts without an answer, and bots that were rejected',
} as const;

const RULES: Readonly<Record<Rule, keyof typeof PROMISES>> = {
  'acknowledged but not in the log': 'lost',
  gap: 'gaps',
  'the log has a hole': 'gaps',
  'gone from the log though nothing had hidden it': 'lost',
  'changed in the log': 'changed',
  'not caught up at the end': 'gaps',
  'caught up at the wrong place': 'gaps',
  'cursor not where it was left': 'gaps',
  repeat: 'repeats',
  'out of order': 'repeats',
  'said to be gone though it was there': 'lost',
  'in the log more than once': 'twice',
  'answered as new though it was there': 'twice',
  'received something else than what is in the log': 'changed',
  'in the log but never sent': 'changed',
  'answered with another place': 'changed',
  'send order broken': 'order',
  'never answered': 'answers',
  offended: 'answers',
};

const violationsOf = ({ histories, log, clocksDiffer }: Saw): readonly Violation[] =>
  checkHistory(histories, log).filter(
    ({ rule }) => !clocksDiffer || rule !== 'answered as new though it was there',
  );

const counted = (
  row: Readonly<{ id: string; what: string; predecessor?: string }>,
  violations: readonly Violation[],
  { histories }: Pick<Saw, 'histories'>,
): Row => {
  const deliveries = count(histories, 'received');
  const acknowledged = count(histories, 'answered');
  return {
    ...mustBeNone({
      ...row,
      value: violations.length,
      of: Math.min(deliveries, acknowledged) && deliveries,
      ofWhat: `deliveries, ${acknowledged} acknowledgements`,
    }),
    ...(violations.length > 0 && { why: describeViolations(violations, 2) }),
  };
};

const count = (histories: readonly BotHistory[], type: 'received' | 'answered'): number =>
  histories.reduce((sum, { steps }) => sum + steps.filter((step) => step.type === type).length, 0);
