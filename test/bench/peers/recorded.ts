import { readFileSync } from 'node:fs';
import type { Summaries } from './figures/summary.js';

export const RECORDED = 'test/bench/results/peers.json';

/** What was recorded last, with where and how it was measured. */
export type Recorded = Readonly<{
  options: Readonly<{ runs: number; seconds: number }>;
  date: string;
  commit: string;
  machine: Readonly<Record<string, string | number>>;
  results: Readonly<{
    versions: Readonly<Record<string, Readonly<Record<string, string>>>>;
    leftOut: Readonly<Record<string, string>>;
    summaries: Summaries;
  }>;
}>;

/** Returns the recorded results; undefined if nothing was recorded yet. */
export const readRecorded = (): Recorded | undefined => {
  try {
    return JSON.parse(readFileSync(RECORDED, 'utf8')) as Recorded;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
