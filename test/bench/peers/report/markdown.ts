import type { Row } from '../../harness/results.js';
import { FIGURES } from '../figures/figure.js';
import { faultsOf, type Summary } from '../figures/summary.js';
import { workloadRows } from '../figures/tables.js';
import type { Recorded } from '../recorded.js';
import { HEADLINES } from './headline.js';

/** Where the chart is, from the root of the repository. */
export const CHART = 'docs/peers.svg';

/** The summary for the README: a row for each system, a column for each headline. */
export const readmeBlock = (recorded: Recorded): string => {
  const { summaries } = recorded.results;
  const shown = HEADLINES.filter(({ workload }) => summaries[workload] !== undefined);
  const rows = systemsOf(recorded).map((system) => ({
    '': system,
    ...Object.fromEntries(
      shown.map(({ workload, figure, title }) => [
        title,
        shortCell(summaries[workload]![system], FIGURES[figure].digits, figure),
      ]),
    ),
  }));
  return [
    `\`${commandOf(recorded)}\`, ${surroundingsOf(recorded)} ${runsOf(recorded)}.`,
    `![Bars for each figure of the table](${CHART})`,
    tableOf(rows),
    'All figures, their spread and what they mean: [benchmarks](docs/benchmarks.md#verbatim-and-its-peers).',
  ].join('\n\n');
};

/** Everything that was recorded, for docs/benchmarks.md: a table for each workload. */
export const benchmarksBlock = (recorded: Recorded): string => {
  const { summaries, versions, leftOut } = recorded.results;
  const tables = Object.entries(summaries).map(([name, systems]) => {
    return `**${capitalised(name)}**\n\n${tableOf(workloadRows(systems).map(withoutGenerator))}`;
  });
  const versionLines = Object.entries(versions).map(
    ([system, all]) =>
      `- ${system}: ${Object.entries(all)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}`,
  );
  const leftOutLines = Object.entries(leftOut).map(([system, why]) => `- ${system} was left out: ${why}`);
  return [
    `\`${commandOf(recorded)}\`, ${surroundingsOf(recorded)} ${runsOf(recorded)}, with the lowest and the highest in brackets.`,
    [...versionLines, ...leftOutLines].join('\n'),
    `![Bars for the main figures](${CHART.replace('docs/', '')})`,
    ...tables,
  ].join('\n\n');
};

const [BEGIN, END] = [
  '<!-- peers: made by npm run bench -- peers --write -->',
  '<!-- peers: end -->',
] as const;

/** Writes a text between two markers of a document. @throws Error when the document lacks them */
export const withBlock = (document: string, block: string): string => {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`The document has no ${BEGIN} … ${END}`);
  return `${document.slice(0, from + BEGIN.length)}\n\n${block}\n\n${document.slice(to)}`;
};

const systemsOf = ({ results: { versions } }: Recorded): readonly string[] => Object.keys(versions);

const shortCell = (summary: Summary | undefined, digits: number, figure: keyof typeof FIGURES): string => {
  if (summary === undefined) return '';
  const median = summary.figures[figure]?.median;
  const faults = faultsOf(summary.verdict);
  const shown = median?.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return [shown, faults].filter(Boolean).join(', ');
};

const commandOf = ({ options: { runs, seconds } }: Recorded): string =>
  `npm run bench -- peers --runs ${runs} --seconds ${seconds}`;

const runsOf = ({ options: { runs } }: Recorded): string =>
  runs === 1 ? 'One run' : `Medians of ${runs} runs`;

const surroundingsOf = ({ date, commit, machine }: Recorded): string =>
  `${date.slice(0, 10)}, commit ${commit}, ${machine['cores']} cores (${machine['cpu']}), ${machine['memoryGiB']} GiB, Linux ${machine['kernel']}, Node ${String(machine['node']).replace('v', '')}, load before ${machine['loadBefore']}. Servers, stores and load generator share the cores.${otherWork(machine)}`;

/** Warns of figures that do not say much, because somebody had to wait for a core before the benchmark began. */
const otherWork = ({ loadBefore, cores }: Recorded['machine']): string =>
  Number(loadBefore) < Number(cores)
    ? ''
    : ' **Other work was going on, so these figures are only a first hint.**';

/** Leaves out what only shows that the generator was not the limit. */
const withoutGenerator = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('load generator')));

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const tableOf = (rows: readonly Row[]): string => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [
    lineOf(columns),
    lineOf(columns.map(() => '---')),
    ...rows.map((row) => lineOf(columns.map((column) => String(row[column] ?? '')))),
  ].join('\n');
};

const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
