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

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const cell = (outcome: Outcome | undefined): string => {
  if (!outcome) return 'not tried';
  const { did, seconds, isAsExpected } = outcome;
  const said = did === 'stays connected' ? did : `${did}, ${seconds.toFixed(1)} s`;
  return isAsExpected ? said : `**${did}**`;
};
