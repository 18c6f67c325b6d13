import { readFileSync, writeFileSync } from 'node:fs';
import type { Recorded } from '../recorded.js';
import { drawChart } from './chart.js';
import { benchmarksBlock, CHART, readmeBlock, withBlock } from './markdown.js';

/** Returns the files that show recorded results, each with the content that it must have. */
export const reportOf = (recorded: Recorded): ReadonlyMap<string, string> =>
  new Map([
    ['README.md', withBlock(readFileSync('README.md', 'utf8'), readmeBlock(recorded))],
    ['docs/benchmarks.md', withBlock(readFileSync('docs/benchmarks.md', 'utf8'), benchmarksBlock(recorded))],
    [CHART, drawChart(recorded.results.summaries)],
  ]);

/** Shows recorded results in the README, the benchmarks and the chart. */
export const writeReport = (recorded: Recorded): void => {
  for (const [file, text] of reportOf(recorded)) writeFileSync(file, text);
};
