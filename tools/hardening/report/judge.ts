import { figure } from './text/figures.js';
import type { HardeningReport, PhaseReport, Row } from './hardening-report.js';

type Told = Readonly<{ id: string; what: string; predecessor?: string }>;
type Measured = Told & Readonly<{ value: number; unit: string }>;

/** Returns a row whose value must be below the limit. NaN means not measured, and misses the target. */
export const below = (limit: number, measured: Measured): Row =>
  judged(measured, `< ${figure(limit)} ${measured.unit}`.trim(), measured.value < limit);

/** Returns a row whose value must be exactly this: errors and losses, for example, must be 0. */
export const exactly = (wanted: number, measured: Measured): Row =>
  judged(measured, `${figure(wanted)} ${measured.unit}`.trim(), measured.value === wanted);

/** Returns a row without a number: the expected outcome was either seen or not. */
export const holds = (
  isSo: boolean,
  row: Told & Readonly<{ measured: string; target: string; why?: string }>,
): Row => ({
  ...row,
  verdict: isSo ? 'met' : 'missed',
});

/** Returns a row without a target. */
export const reportedRow = (measured: Measured): Row => ({
  ...measured,
  measured: text(measured),
  verdict: 'told',
});

/** Returns a row for something that could not be seen in this run. */
export const notRun = (row: Told & Readonly<{ target: string; why: string }>): Row => ({
  ...row,
  measured: 'not run',
  verdict: 'not run',
});

/** Returns the row without its verdict, because this run can't decide it. A row that was not run is unchanged. */
export const notJudged = (row: Row, because: string): Row =>
  row.verdict === 'not run'
    ? row
    : { ...row, verdict: 'not judged', why: row.why === undefined ? because : `${because}; ${row.why}` };

/** Checks whether some target was met and none was missed: a run that judged nothing has proved nothing. */
export const passed = (phases: readonly PhaseReport[]): boolean => {
  const rows = phases.flatMap((phase) => phase.rows);
  return rows.some(({ verdict }) => verdict === 'met') && rows.every(({ verdict }) => verdict !== 'missed');
};

/** Returns the rows that missed their target, with the title of their phase. */
export const missed = ({ phases }: HardeningReport): readonly Readonly<{ phase: string; row: Row }>[] =>
  phases.flatMap(({ title, rows }) =>
    rows.filter(({ verdict }) => verdict === 'missed').map((row) => ({ phase: title, row })),
  );

const judged = (measured: Measured, target: string, isMet: boolean): Row => ({
  ...measured,
  measured: text(measured),
  target,
  verdict: isMet ? 'met' : 'missed',
});

const text = ({ value, unit }: Measured): string =>
  Number.isFinite(value) ? `${figure(value)} ${unit}`.trim() : 'not measured';
