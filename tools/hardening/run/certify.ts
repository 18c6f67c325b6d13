import { access, constants, mkdir } from 'node:fs/promises';
import type { News } from '../phases/phase.js';
import { missed } from '../report/judge.js';
import type { HardeningReport, PhaseReport } from '../report/hardening-report.js';
import { writeReport } from '../report/write-report.js';
import type { HardeningOptions } from './hardening-options.js';
import { progressLine } from './progress.js';
import { runHardening, type Watcher } from './run-hardening.js';

type Output = Readonly<{
  /** Whether progress is printed as lines of JSON. */
  json: boolean;
  /** Whether progress is shown on one line that is overwritten. */
  terminal: boolean;
}>;

const CLEAR_LINE = '\r\u001b[K';

/**
 * Carries out one whole run: shows progress, writes the report and prints how the run ended. A run that is called off by a
 * signal reports what it has seen so far, as failed.
 * @returns the exit code: 0 if the run passed, 1 if not
 * @throws Error if the report's folder can't be written to, before any phase runs
 */
export const certify = async (options: HardeningOptions, output: Output): Promise<number> => {
  // Checked now, so that it does not fail after an hour.
  await mkdir(options.out, { recursive: true });
  await access(options.out, constants.W_OK);
  const called = new AbortController();
  const callOff = (): void => {
    if (called.signal.aborted) process.exit(130); // the second signal: exit at once, without a report
    called.abort(new Error('The run was called off'));
  };
  process.on('SIGINT', callOff).on('SIGTERM', callOff);
  try {
    const report = await runHardening(options, called.signal, watcherFor(output));
    await writeReport(report, options.out);
    say(output, { report: options.out, passed: report.passed }, () => ending(report, options.out));
    return report.passed ? 0 : 1;
  } finally {
    process.off('SIGINT', callOff).off('SIGTERM', callOff);
  }
};

const watcherFor = (output: Output): Watcher => {
  const began = performance.now();
  let title = '';
  let news: News = {};
  return {
    onNews: (phase, index, count, leftSeconds, latest) => {
      // Figures come from several sources; those of each source are shown until it sends new ones.
      const figures = { ...(phase === title ? news.figures : {}), ...latest.figures };
      news = { ...(phase === title ? news : {}), ...latest, figures };
      title = phase;
      const elapsedSeconds = (performance.now() - began) / 1_000;
      if (output.json)
        process.stdout.write(
          `${JSON.stringify({ phase, leftSeconds: Math.round(leftSeconds), ...latest })}\n`,
        );
      else if (output.terminal)
        process.stderr.write(
          `${CLEAR_LINE}${progressLine({ title, index, count, elapsedSeconds, leftSeconds, news }).slice(0, process.stderr.columns - 1)}`,
        );
    },
    onPhase: (phase) => say(output, { ended: phase.name, rows: phase.rows }, () => phaseLines(phase)),
  };
};

const say = (output: Output, machine: object, people: () => string): void => {
  if (output.terminal) process.stderr.write(CLEAR_LINE);
  process.stdout.write(output.json ? `${JSON.stringify(machine)}\n` : people());
};

const phaseLines = ({ title, seconds, rows }: PhaseReport): string => {
  const counted = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
  const head = `${title}: ${counted('met')} targets met, ${counted('missed')} missed, ${counted('not run')} not run, ${counted('not judged')} not judged, in ${Math.round(seconds)} s`;
  const lines = rows
    .filter(({ verdict, id }) => verdict === 'missed' || !id.startsWith('edges.'))
    .map(
      ({ verdict, what, measured, target, why }) =>
        `  ${MARKS[verdict]} ${what}: ${measured}${target === undefined ? '' : ` (target: ${target})`}${verdict === 'not judged' ? `; not judged: ${why}` : ''}`,
    );
  return `${[head, ...lines].join('\n')}\n`;
};

const MARKS = { met: '✓', missed: '✗', told: '·', 'not run': '-', 'not judged': '-' } as const;

const ending = (report: HardeningReport, out: string): string => {
  const misses = missed(report);
  const verdict = report.passed
    ? 'Passed: no target was missed.'
    : `Failed: ${misses.length} missed.\n${misses.map(({ phase, row }) => `  ✗ ${phase}: ${row.what}: ${row.measured} (target: ${row.target})`).join('\n')}`;
  return `${verdict}\nThe report is in ${out}: report.html, report.md, report.json\n`;
};
