import { printTable, say } from '../harness/results.js';
import type { Outcome } from './figures/outcome.js';
import { summarize, type Summaries, type Summary } from './figures/summary.js';
import { ratioRows, workloadRows } from './figures/tables.js';
import { readRecorded, type Recorded } from './recorded.js';
import { runWorkload } from './run-workload.js';
import { ALL_SYSTEMS, QUICK_SYSTEMS } from './systems/all-systems.js';
import type { System } from './systems/system.js';
import { ALL_WORKLOADS, LONG_WORKLOADS, QUICK_WORKLOADS } from './workloads/all-workloads.js';
import type { Workload } from './workloads/workload.js';

export type PeersOptions = Readonly<{
  quick: boolean;
  /** The measured seconds of each sustained load. */
  seconds: number;
  runs: number;
  /** Names of workloads and systems, separated by commas; empty: all. A part of a name will do. */
  only: string;
}>;

const HEADLINES = Object.fromEntries(
  [...ALL_WORKLOADS, ...LONG_WORKLOADS].map(({ name, headlines }) => [name, headlines]),
);

export type PeersResults = Recorded['results'];

/** Puts the same work on Verbatim and on what people would pick instead, in turns, and prints figures and ratios. */
export const peers = async (options: PeersOptions): Promise<PeersResults> => {
  const systems = chosen(options.quick ? QUICK_SYSTEMS : ALL_SYSTEMS, options.only);
  const workloads = options.quick
    ? chosen(QUICK_WORKLOADS, options.only)
    : chosen(ALL_WORKLOADS, options.only, LONG_WORKLOADS);
  const leftOut: Record<string, string> = {};
  for (const system of systems) {
    const why = system.whyNot();
    if (why === undefined) continue;
    leftOut[system.name] = why;
    say(`${system.name} is left out: ${why}`);
  }
  const able = systems.filter(({ name }) => !(name in leftOut));
  const summaries: Record<string, Readonly<Record<string, Summary>>> = {};
  for (const workload of workloads) {
    summaries[workload.name] = await compare(workload, able, options);
    printTable(`${workload.name}: ${workload.title}`, workloadRows(summaries[workload.name]!));
  }
  printRatios(summaries);
  const versions = Object.fromEntries(able.map((system) => [system.name, system.versions()]));
  return { versions, leftOut, summaries };
};

/** Runs take turns, so that a change of the machine falls on all systems alike. */
const compare = async (
  workload: Workload,
  systems: readonly System[],
  { runs, seconds }: PeersOptions,
): Promise<Readonly<Record<string, Summary>>> => {
  const outcomes = new Map<string, Outcome[]>();
  for (let run = 0; run < (workload.once ? 1 : runs); run += 1) {
    for (const system of systems) {
      if (!workload.suits(system)) continue;
      const began = performance.now();
      const outcome = await runWorkload(workload, system, seconds);
      say(`  ${workload.name}, ${system.name}: ${Math.round((performance.now() - began) / 1_000)} s`);
      outcomes.set(system.name, [...(outcomes.get(system.name) ?? []), outcome]);
    }
  }
  return Object.fromEntries([...outcomes].map(([name, all]) => [name, summarize(all)]));
};

/** Returns those that a word of the list names; all but the hidden ones, if it names none of them. */
const chosen = <T extends Readonly<{ name: string }>>(
  all: readonly T[],
  list: string,
  hidden: readonly T[] = [],
): readonly T[] => {
  const words = list.toLowerCase().split(',').filter(Boolean);
  const isNamed = ({ name }: T): boolean => words.some((word) => name.toLowerCase().includes(word));
  const named = [...all, ...hidden].filter(isNamed);
  return named.length > 0 ? named : all;
};

const printRatios = (now: Summaries): void => {
  const recorded = readRecorded();
  const ours = 'Figures of Verbatim divided by those of other systems';
  const title = recorded ? `${ours} (in brackets: recorded on ${recorded.date.slice(0, 10)})` : ours;
  printTable(title, ratioRows(now, recorded?.results.summaries ?? {}, HEADLINES));
};
