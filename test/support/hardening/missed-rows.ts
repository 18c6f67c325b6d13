import type { Row } from '#tools/hardening/report/hardening-report.js';

/** Returns the ids of the rows that missed their target. */
export const missedIn = (rows: readonly Row[]): readonly string[] =>
  rows.filter(({ verdict }) => verdict === 'missed').map(({ id }) => id);
