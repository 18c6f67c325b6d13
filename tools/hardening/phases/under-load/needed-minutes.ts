import type { Row } from '../../report/hardening-report.js';
import { notJudged } from '../../report/judge.js';

/**
 * Minutes of load before these rows can be judged. The memory of a process that has just started grows, and its latency
 * falls, while code is compiled and caches fill.
 */
const NEEDED_MINUTES: Readonly<Record<string, number>> = {
  'load.memory-back': 30,
  'soak.slope': 30,
  'soak.memory-back': 30,
  'soak.drift': 10,
};

/** Removes the verdict from rows that so short a load can't decide, and keeps what was measured. */
export const judgedAfter = (minutes: number, rows: readonly Row[]): readonly Row[] =>
  rows.map((row) => {
    const needed = NEEDED_MINUTES[row.id];
    return needed === undefined || minutes >= needed
      ? row
      : notJudged(row, `needs at least ${needed} minutes`);
  });
