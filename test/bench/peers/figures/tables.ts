import type { Row } from '../../harness/results.js';
import { FIGURES, type Figure } from './figure.js';
import { ratioOf } from './ratio.js';
import { faultsOf, type Summaries, type Summary } from './summary.js';

/** The system that all others are compared with. */
const OURS = 'Verbatim';

/** A figure in the digits that it deserves, with its spread if there were several runs. */
const cellOf = (figure: Figure, { figures, runs }: Summary): string => {
  const found = figures[figure];
  if (found === undefined) return '';
  const show = (value: number): string => {
    const { digits } = FIGURES[figure];
    return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  };
  return runs === 1 ? show(found.median) : `${show(found.median)} (${show(found.min)} to ${show(found.max)})`;
};

/** One row for each system: all that a workload has shown. */
export const workloadRows = (systems: Readonly<Record<string, Summary>>): readonly Row[] => {
  const summaries = Object.values(systems);
  const figures = (Object.keys(FIGURES) as Figure[]).filter((figure) =>
    summaries.some((summary) => summary.figures[figure] !== undefined),
  );
  return Object.entries(systems).map(([system, summary]) => ({
    system,
    ...Object.fromEntries(
      figures.map((figure) => [
        `${FIGURES[figure].title} (${FIGURES[figure].unit})`,
        cellOf(figure, summary),
      ]),
    ),
    wrong: faultsOf(summary.verdict) || 'nothing',
    ...(summary.doNotCount.length > 0 && { 'does not count': summary.doNotCount.join('; ') }),
  }));
};

/** The figures of each workload by which systems are compared. */
export type Headlines = Readonly<Record<string, readonly Figure[]>>;

/**
 * Our figures divided by those of each other system, with the recorded ratio in brackets. One row for each workload and
 * headline.
 */
export const ratioRows = (now: Summaries, recorded: Summaries, headlines: Headlines): readonly Row[] =>
  Object.entries(now).flatMap(([workload, systems]) =>
    (headlines[workload] ?? []).map((figure) => ({
      workload,
      figure: FIGURES[figure].title,
      better: FIGURES[figure].better,
      ...Object.fromEntries(
        Object.keys(systems)
          .filter((system) => system !== OURS)
          .map((system) => [`to ${system}`, ratioCell(figure, workload, system, now, recorded)]),
      ),
    })),
  );

const ratioCell = (
  figure: Figure,
  workload: string,
  system: string,
  now: Summaries,
  recorded: Summaries,
): string => {
  const of = (summaries: Summaries): number | undefined =>
    ratioOf(figure, summaries[workload]?.[OURS], summaries[workload]?.[system]);
  const [ratio, before] = [of(now), of(recorded)];
  return `${ratio?.toFixed(2) ?? ''}${before === undefined ? '' : ` (${before.toFixed(2)})`}`;
};
