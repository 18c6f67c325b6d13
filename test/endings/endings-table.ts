import type { Outcome } from './try-ending.js';

/** What each client did, by ending. */
export type Matrix = ReadonlyMap<string, readonly Outcome[]>;

/**
 * Returns a Markdown table with a row for each ending and a column for each client, with seconds where there is
 * something to wait for.
 */
export const endingsTable = (matrix: Matrix): string => {
  const clients = [...new Set([...matrix.values()].flat().map(({ client }) => client))];
  const rows = [...matrix].map(([ending, outcomes]) =>
    row([ending, ...clients.map((client) => cell(outcomes.find((one) => one.client === client)))]),
  );
  return [row(['', ...clients]), row(['---', ...clients.map(() => '---')]), ...rows].join('\n');
};

/**
 * Puts the rows of a newer table in the place of those with the same ending. New endings come last.
 *
 * @throws Error if the tables do not have the same clients
 */
export const withNewRows = (table: string, newer: string): string => {
  const [head, rule, ...rows] = table.split('\n');
  const [newHead, , ...newRows] = newer.split('\n');
  if (newHead !== head) throw new Error(`The table has other clients:\n${head}\n${newHead}`);
  const byEnding = new Map([...rows, ...newRows].map((line) => [line.split(' | ')[0], line]));
  return [head, rule, ...byEnding.values()].join('\n');
};

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const cell = (outcome: Outcome | undefined): string => {
  if (!outcome) return 'not tried';
  const { did, seconds, isAsExpected } = outcome;
  const said = did === 'stays connected' ? did : `${did}, ${seconds.toFixed(1)} s`;
  return isAsExpected ? said : `**${did}**`;
};
