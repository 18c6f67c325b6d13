import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export type Row = Readonly<Record<string, string | number>>;

/** Prints rows in aligned columns, to be read in a terminal or pasted into a Markdown file. */
export const printTable = (title: string, rows: readonly Row[]): void => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (row: Row, column: string): string => String(row[column] ?? '');
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => cell(row, column).length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, index) => text.padEnd(widths[index]!)).join(' | ')} |`;
  const lines = [
    `\n${title}\n`,
    line(columns),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map((row) => line(columns.map((column) => cell(row, column)))),
  ];
  process.stdout.write(`${lines.join('\n')}\n\n`);
};

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The load of the machine before this process has added to it. */
const loadBefore = loadavg()[0]!.toFixed(2);

/** The facts without which the figures mean nothing. */
export const surroundings = () => ({
  date: new Date().toISOString(),
  commit: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
  machine: {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    loadBefore,
  },
});

/** Writes the results of a benchmark to a file, with where and how they were measured. */
export const writeResults = async (
  file: string | undefined,
  name: string,
  options: object,
  results: object,
): Promise<void> => {
  if (file === undefined) return;
  const text = JSON.stringify({ name, options, ...surroundings(), results }, null, 2);
  await writeFile(file, `${text}\n`);
  say(`written to ${file}`);
};
