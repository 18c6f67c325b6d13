import { below, holds, reportedRow } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { checkHistory } from '#tools/harness/checker/check-history.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { mustBeNone } from '../none.js';
import { worst } from '../worst.js';

/** One restart. Times are in ms since the kill; Infinity means never within the patience. */
export type RestartSeen = Readonly<{
  /** Number of all posts acknowledged before the kill. */
  acknowledged: number;
  /** Time until the last process had ended. */
  goneMs: number;
  /** Time until the system said that it was ready. */
  readyMs: number;
  /** Time until the first post sent after the kill was acknowledged. */
  firstPostMs: number;
  /** Time until every bot was back by itself. */
  allBackMs: number;
}>;

export type RestartsSeen = Readonly<{ restarts: readonly RestartSeen[]; saw: Saw }>;

const RECOVERED_WITHIN_MS = 5_000;

export const judgeRestarts = ({ restarts, saw }: RestartsSeen): readonly Row[] => [
  below(RECOVERED_WITHIN_MS, {
    id: 'faults.e.recovery',
    what: 'SIGKILL to every process: time until the first post is acknowledged again, including the start',
    predecessor: '45 s',
    value: worst(restarts.map(({ firstPostMs }) => firstPostMs)),
    unit: 'ms',
  }),
  lost(restarts, saw),
  holds(restarts.length > 0 && restarts.every(({ allBackMs }) => Number.isFinite(allBackMs)), {
    id: 'faults.e.by-itself',
    what: 'No manual step: the same command with the same data, and every bot is back',
    measured: restarts.map(({ allBackMs }) => `${Math.round(allBackMs)} ms`).join(', ') || 'never started',
    target: 'every bot, every time',
  }),
  exactRow(
    { id: 'faults.e.exact', what: 'Differences between the log and what bots saw across the restarts' },
    saw,
  ),
  reportedRow({
    id: 'faults.e.ready',
    what: 'Time until the system says that it is ready, slowest',
    value: worst(restarts.map(({ readyMs }) => readyMs)),
    unit: 'ms',
  }),
];

const lost = (restarts: readonly RestartSeen[], { histories, log }: Saw): Row =>
  mustBeNone({
    id: 'faults.e.lost',
    what: 'Acknowledged messages lost',
    predecessor: "up to 5 minutes' worth",
    value: checkHistory(histories, log).filter(({ rule }) => rule === 'acknowledged but not in the log')
      .length,
    of: restarts.at(-1)?.acknowledged ?? 0,
    ofWhat: 'acknowledged before the last kill',
  });
