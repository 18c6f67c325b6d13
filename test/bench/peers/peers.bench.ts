import { printTable, say } from '../harness/results.js';
import { summarize, type Summaries, type Summary } from './figures/summary.js';
import { ratioRows, workloadRows } from './figures/tables.js';
import { readRecorded, type Recorded } from './recorded.js';
import { runWorkload } from './run-workload.js';
import { ALL_SYSTEMS, QUICK_SYSTEMS } from './systems/all-systems.js';
import type { System } from './systems/system.js';
import { ALL_WORKLOADS, QUICK_WORKLOADS } from './workloads/all-workloads.js';
import type { Outcome, Workload } from './workloads/workload.js';

export type PeersOptions = Readonly<{
  quick: boolean;
  /** The measured seconds of each sustained load. */
  seconds: number;
  runs: number;
  /** Names of workloads and systems, separated by commas; empty: all. A part of a name will do. */
  only: string;
}>;

const HEADLINES = Object.fromEntries(ALL_WORKLOADS.map(({ name, headlines }) => [name, headlines]));

/** Puts the same work on Verbatim and on what people would pick instead, in turns, and prints figures and ratios. */
export const peers = async (options: PeersOptions): Promise<Recorded['results']> => {
  const systems = options.quick ? QUICK_SYSTEMS : ALL_SYSTEMS;
  const workloads = chosen(options.quick ? QUICK_WORKLOADS : ALL_WORKLOADS, options.only);
  const leftOut: Record<string, string> = {};
  for (const system of systems) {
    const why = system.whyNot();
    if (why === undefined) continue;
    leftOut[system.name] = why;
    say(`${system.name} is left out: ${why}`);
  }
  const able = chosen(
    systems.filter(({ name }) => !(name in leftOut)),
    options.only,
  );
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
  for (let run = 0; run < runs; run += 1) {
    for (const system of systems) {
      if (!workload.suits(system)) continue;
      const outcome = await runWorkload(workload, system, seconds);
      outcomes.set(system.name, [...(outcomes.get(system.name) ?? []), outcome]);
    }
  }
  return Object.fromEntries([...outcomes].map(([name, all]) => [name, summarize(all)]));
};

/** Returns those with a name of the list in theirs; all, if the list names none of them. */
const chosen = <T extends Readonly<{ name: string }>>(all: readonly T[], list: string): readonly T[] => {
  const words = list.toLowerCase().split(',').filter(Boolean);
  const named = all.filter(({ name }) => words.some((word) => name.toLowerCase().includes(word)));
  return named.length > 0 ? named : all;
};

const printRatios = (now: Summaries): void => {
  const recorded = readRecorded();
  const ours = 'Figures of Verbatim divided by those of other systems';
  const title = recorded ? `${ours} (in brackets: recorded on ${recorded.date.slice(0, 10)})` : ours;
  printTable(title, ratioRows(now, recorded?.results.summaries ?? {}, HEADLINES));
};
