import type { Row } from '#tools/hardening/report/hardening-report.js';

/** Ids of the rows that missed their target. */
export const missedIn = (rows: readonly Row[]): readonly string[] =>
  rows.filter(({ verdict }) => verdict === 'missed').map(({ id }) => id);
