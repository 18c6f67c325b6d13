import { median, round } from '#tools/harness/measure/statistics.js';
import type { Verdict } from './delivery-check.js';
import { FIGURES, type Figure } from './figure.js';
import type { Outcome } from './outcome.js';

type MedianAndSpread = Readonly<{ median: number; min: number; max: number }>;

/** All runs of a workload on a system. The verdict adds up what was wrong in any of them. */
export type Summary = Readonly<{
  runs: number;
  figures: Partial<Readonly<Record<Figure, MedianAndSpread>>>;
  verdict: Verdict;
  /** Why runs do not count, once for each run that does not. */
  doNotCount: readonly string[];
}>;

/** Summaries by workload and system. A system that was left out has a reason instead. */
export type Summaries = Readonly<Record<string, Readonly<Record<string, Summary>>>>;

/** How exactly figures are kept. */
const DIGITS = 3;

/** Sums up runs. Each figure is the median of all runs, also of those that do not count: those are named. */
export const summarize = (outcomes: readonly Outcome[]): Summary => {
  const figures: Partial<Record<Figure, MedianAndSpread>> = {};
  for (const figure of Object.keys(FIGURES) as Figure[]) {
    const samples = outcomes
      .map((outcome) => outcome.figures[figure])
      .filter((one): one is number => one !== undefined && Number.isFinite(one));
    if (samples.length > 0)
      figures[figure] = {
        median: round(median(samples), DIGITS),
        min: round(Math.min(...samples), DIGITS),
        max: round(Math.max(...samples), DIGITS),
      };
  }
  const sum = (of: (verdict: Verdict) => number): number =>
    outcomes.reduce((total, { verdict }) => total + of(verdict), 0);
  return {
    runs: outcomes.length,
    figures,
    verdict: {
      due: sum(({ due }) => due),
      lost: sum(({ lost }) => lost),
      repeated: sum(({ repeated }) => repeated),
      reordered: sum(({ reordered }) => reordered),
    },
    doNotCount: outcomes.map(({ doesNotCount }) => doesNotCount).filter((why) => why !== undefined),
  };
};

/** Says in a few words what was wrong, or nothing. */
export const faultsOf = ({ lost, repeated, reordered }: Verdict): string =>
  [
    lost > 0 && `${lost.toLocaleString('en')} lost`,
    repeated > 0 && `${repeated.toLocaleString('en')} repeated`,
    reordered > 0 && `${reordered.toLocaleString('en')} reordered`,
  ]
    .filter((text) => text !== false)
    .join(', ');
