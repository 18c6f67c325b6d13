import { below, holds, told } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { checkHistory } from '#tools/harness/checker/check-history.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { none } from '../none.js';
import { worst } from '../worst.js';

/** One restart, times in ms from the kill; Infinity: never within the patience. */
export type RestartSeen = Readonly<{
  /** Posts acknowledged before, in all. */
  acknowledged: number;
  /** Until the last process had ended. */
  goneMs: number;
  /** Until the system said that it was ready. */
  readyMs: number;
  /** Until the first post that was sent after the kill was acknowledged. */
  firstPostMs: number;
  /** Until every bot was back, by itself. */
  allBackMs: number;
}>;

export type RestartsSeen = Readonly<{ restarts: readonly RestartSeen[]; saw: Saw }>;

export const RECOVERED_WITHIN_MS = 5_000;

export const judgeRestarts = ({ restarts, saw }: RestartsSeen): readonly Row[] => [
  below(RECOVERED_WITHIN_MS, {
    id: 'faults.e.recovery',
    what: 'SIGKILL to every process: until the first post is acknowledged again, the start included',
    predecessor: '45 s',
    value: worst(restarts.map(({ firstPostMs }) => firstPostMs)),
    unit: 'ms',
  }),
  lost(restarts, saw),
  holds(restarts.length > 0 && restarts.every(({ allBackMs }) => Number.isFinite(allBackMs)), {
    id: 'faults.e.by-itself',
    what: 'No manual step: the same command over the same data, and every bot is back',
    measured: restarts.map(({ allBackMs }) => `${Math.round(allBackMs)} ms`).join(', ') || 'never started',
    target: 'every bot, every time',
  }),
  exactRow({ id: 'faults.e.exact', what: 'What bots saw over the restarts differs from the log' }, saw),
  told({
    id: 'faults.e.ready',
    what: 'Until the system says that it is ready, the slowest',
    value: worst(restarts.map(({ readyMs }) => readyMs)),
    unit: 'ms',
  }),
];

const lost = (restarts: readonly RestartSeen[], { histories, log }: Saw): Row =>
  none({
    id: 'faults.e.lost',
    what: 'Acknowledged messages lost',
    predecessor: "up to 5 minutes' worth",
    value: checkHistory(histories, log).filter(({ rule }) => rule === 'acknowledged but not in the log')
      .length,
    of: restarts.at(-1)?.acknowledged ?? 0,
    ofWhat: 'acknowledged before the last kill',
  });
