import { describePlot } from '../plot/describe-plot.js';
import type { HardeningReport, PhaseReport, Plot, Row, Table } from '../hardening-report.js';
import { countsOf, summaryOf, VERDICTS } from '../summary.js';
import type { Placed, Summary } from '../summary.js';
import { duration } from '../text/figures.js';
import { inMarkdown, markdownTable } from '../text/markdown.js';
import { ABOUT_BRACKETS, occasion, plotPaths, surroundings } from './names.js';

/** Renders the report as Markdown. Its plots are separate files, at {@link plotPaths}. */
export const reportMd = (report: HardeningReport): string => {
  const summary = summaryOf(report);
  const paths = plotPaths(report);
  return [
    '# Verbatim hardening report',
    `**${SIGNS[report.passed ? 'met' : 'missed']} ${summary.verdict}.** ${summary.because}`,
    inMarkdown(occasion(report)),
    ...planted(report),
    ...missedOnes(summary),
    ...notSeen(summary),
    ...notJudgedOnes(summary),
    '## At a glance',
    phaseTable(report.phases),
    ABOUT_BRACKETS,
    ...report.phases.flatMap((phase) => phaseParts(phase, paths)),
    '## Machine and surroundings',
    markdownTable(
      ['', ''],
      surroundings(report).map(([name, value]) => [name, inMarkdown(value)]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
};

/** Signs that can be told apart without colour, too. */
const SIGNS = { met: '✅', missed: '❌', told: '', 'not run': '⚪', 'not judged': '⚪' } as const;

const verdictOf = ({ verdict }: Row): string => `${SIGNS[verdict]} ${VERDICTS[verdict].words}`.trim();

const planted = ({ planted: plants }: HardeningReport): string[] =>
  plants.length === 0
    ? []
    : [`> **Faults were planted on purpose** (${inMarkdown(plants.join(', '))}): this run is meant to fail.`];

const missedOnes = ({ missed }: Summary): string[] =>
  missed.length === 0
    ? []
    : [
        '## Missed',
        markdownTable(
          ['phase', 'what', 'measured', 'target'],
          missed.map(({ phase, row }) => [
            inMarkdown(phase.title),
            whatOf(row),
            `**${inMarkdown(row.measured)}**`,
            inMarkdown(row.target ?? ''),
          ]),
        ),
      ];

const notJudgedOnes = ({ notJudged }: Summary): string[] =>
  notJudged.length === 0 ? [] : ['## Not judged', notJudged.map(openLine).join('\n')];

const openLine = ({ phase, row }: Placed): string =>
  `- ${inMarkdown(phase.title)}: ${inMarkdown(row.what)}${row.why === undefined ? '' : ` (${inMarkdown(row.why)})`}`;

const notSeen = ({ notRun, leftOut }: Summary): string[] => {
  const lines = [
    ...notRun.map(openLine),
    ...leftOut.map((name) => `- The phase “${name}” was not part of this run.`),
  ];
  return lines.length === 0 ? [] : ['## Not run', lines.join('\n')];
};

const phaseTable = (phases: readonly PhaseReport[]): string =>
  markdownTable(
    ['phase', 'met', 'missed', 'not run', 'not judged', 'took'],
    phases.map(({ title, rows, seconds }) => {
      const { met, missed, 'not run': notRun, 'not judged': open } = countsOf(rows);
      return [inMarkdown(title), ...[met, missed, notRun, open].map(String), duration(seconds)];
    }),
  );

const phaseParts = (phase: PhaseReport, paths: ReadonlyMap<Plot, string>): string[] => [
  `## ${inMarkdown(phase.title)}`,
  ...(phase.did.length === 0 ? [] : [phase.did.map((sentence) => `- ${inMarkdown(sentence)}`).join('\n')]),
  ...(phase.rows.length === 0 ? [] : [rowTable(phase.rows)]),
  ...(phase.plots ?? []).map((plot) => image(plot, paths.get(plot)!)),
  ...(phase.tables ?? []).flatMap(tableParts),
];

/** Renders the rows as a table. The predecessor has a column only if it claimed anything. */
const rowTable = (rows: readonly Row[]): string => {
  const compares = rows.some(({ predecessor }) => predecessor !== undefined);
  return markdownTable(
    ['what', 'measured', 'target', ...(compares ? ['predecessor'] : []), ''],
    rows.map((row) => [
      whatOf(row),
      inMarkdown(row.measured),
      inMarkdown(row.target ?? ''),
      ...(compares ? [row.predecessor === undefined ? '' : `[${inMarkdown(row.predecessor)}]`] : []),
      verdictOf(row),
    ]),
  );
};

const whatOf = ({ what, why }: Row): string =>
  why === undefined ? inMarkdown(what) : `${inMarkdown(what)}<br>*${inMarkdown(why)}*`;

const image = (plot: Plot, path: string): string =>
  `**${inMarkdown(plot.title)}**\n\n![${inMarkdown(describePlot(plot))}](${path})`;

const tableParts = ({ title, columns, rows, note }: Table): string[] => [
  `**${inMarkdown(title)}**`,
  markdownTable(
    columns.map(inMarkdown),
    rows.map((cells) => cells.map(inMarkdown)),
  ),
  ...(note === undefined ? [] : [inMarkdown(note)]),
];
