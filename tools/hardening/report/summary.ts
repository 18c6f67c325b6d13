import { PHASES } from './hardening-report.js';
import type { HardeningReport, PhaseName, PhaseReport, Row, Verdict } from './hardening-report.js';
import { counted } from './text/figures.js';

export type Counts = Readonly<Record<Verdict, number>>;
export type Placed = Readonly<{ phase: PhaseReport; row: Row }>;

/** The facts that a reader wants first. */
export type Summary = Readonly<{
  verdict: 'Passed' | 'Failed';
  /** The reason for the verdict, in a sentence or two. */
  because: string;
  counts: Counts;
  missed: readonly Placed[];
  notRun: readonly Placed[];
  notJudged: readonly Placed[];
  /** Phases that were not part of the run. */
  leftOut: readonly PhaseName[];
}>;

export const summaryOf = ({ phases, passed }: HardeningReport): Summary => {
  const rows = phases.flatMap((phase) => phase.rows.map((row) => ({ phase, row })));
  const counts = countsOf(rows.map(({ row }) => row));
  return {
    verdict: passed ? 'Passed' : 'Failed',
    because: because(passed, counts),
    counts,
    missed: rows.filter(({ row }) => row.verdict === 'missed'),
    notRun: rows.filter(({ row }) => row.verdict === 'not run'),
    notJudged: rows.filter(({ row }) => row.verdict === 'not judged'),
    leftOut: PHASES.filter((name) => !phases.some((phase) => phase.name === name)),
  };
};

export const countsOf = (rows: readonly Row[]): Counts => {
  const count = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
  return {
    met: count('met'),
    missed: count('missed'),
    told: count('told'),
    'not run': count('not run'),
    'not judged': count('not judged'),
  };
};

/** The sign and the words for each verdict. */
export const VERDICTS: Readonly<Record<Verdict, Readonly<{ sign: string; words: string }>>> = {
  met: { sign: '✓', words: 'met' },
  missed: { sign: '✗', words: 'missed' },
  told: { sign: '·', words: 'no target' },
  'not run': { sign: '○', words: 'not run' },
  'not judged': { sign: '–', words: 'not judged' },
};

const because = (isPassed: boolean, { met, missed, ...open }: Counts): string => {
  const judged = met + missed;
  const unchecked = open['not run'];
  const undecided = open['not judged'];
  const rest = [
    unchecked > 0 && ` ${counted(unchecked, 'target')} could not be checked in this run.`,
    undecided > 0 && ` ${counted(undecided, 'target')} could not be judged in so short a run.`,
  ]
    .filter(Boolean)
    .join('');
  if (missed > 0) return `${missed} of ${counted(judged, 'target')} missed.${rest}`;
  if (judged === 0) return `No target was checked, so nothing is proved.${rest}`;
  if (!isPassed) return `No target was missed (${met} met), but the run did not finish.${rest}`;
  return `${judged === 1 ? 'The one checked target was' : `All ${judged} checked targets were`} met.${rest}`;
};
