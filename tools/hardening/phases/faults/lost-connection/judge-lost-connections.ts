import { below, holds, reportedRow } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { worst } from '../worst.js';

/** One bot after one loss. Times are in ms since the loss; Infinity means never within the patience. */
export type LossSeen = Readonly<{
  /** Time until `ready`. */
  readyMs: number;
  /** Time until `caughtup` for the last of its channels. */
  caughtUpMs: number;
  /** Number of messages it received as backlog. */
  backlog: number;
}>;

export type LostConnectionsSeen = Readonly<{ losses: readonly LossSeen[]; saw: Saw }>;

const RECONNECTED_WITHIN_MS = 5_000;

export const judgeLostConnections = ({ losses, saw }: LostConnectionsSeen): readonly Row[] => {
  const informed = losses.filter(({ readyMs, caughtUpMs }) => Number.isFinite(readyMs + caughtUpMs));
  return [
    below(RECONNECTED_WITHIN_MS, {
      id: 'faults.d.reconnected',
      what: 'A bot that lost its WebSocket is connected again, with its whole backlog',
      value: worst(losses.map(({ caughtUpMs }) => caughtUpMs)),
      unit: 'ms',
    }),
    holds(losses.length > 0 && informed.length === losses.length, {
      id: 'faults.d.told',
      what: 'The bot gets ready, and caughtup for each of its channels',
      measured: `${informed.length} of ${losses.length} times`,
      target: 'each time',
    }),
    holds(losses.length > 0 && losses.every(({ backlog }) => backlog > 0), {
      id: 'faults.d.backlog',
      what: 'There was something to miss: the smallest backlog after a loss, in messages',
      measured: `${Math.min(...losses.map(({ backlog }) => backlog))}`,
      target: 'some',
    }),
    exactRow(
      {
        id: 'faults.d.exact',
        what: 'Backlog: messages missing, received twice or changed, compared with the log',
      },
      saw,
    ),
    reportedRow({
      id: 'faults.d.losses',
      what: 'Connections lost',
      value: losses.length,
      unit: '',
    }),
  ];
};
