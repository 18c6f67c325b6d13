/** What one run of `verbatim hardening` did and saw: `report.json` as it is, and what the pages are made from. */
export type HardeningReport = Readonly<{
  format: 1;
  version: string;
  startedAt: string;
  endedAt: string;
  /** What was asked for by `--minutes`: how long the load lasted, and the soak. */
  minutes: number;
  /** The address of a server that ran already, or undefined: servers were started for the run. */
  url?: string;
  /** Faults planted on purpose (`--plant`): such a run is meant to fail. */
  planted: readonly string[];
  machine: Machine;
  phases: readonly PhaseReport[];
  /** No target was missed, and every phase ended. */
  passed: boolean;
}>;

export type Machine = Readonly<{
  cores: number;
  cpu: string;
  memoryMiB: number;
  kernel: string;
  node: string;
  /** Of the minute before the run: other work spoils the figures. */
  loadAverage: number;
}>;

export const PHASES = ['load', 'faults', 'edges', 'soak', 'capacity'] as const;
export type PhaseName = (typeof PHASES)[number];

export type PhaseReport = Readonly<{
  name: PhaseName;
  title: string;
  startedAt: string;
  seconds: number;
}> &
  Findings;

/** What a phase hands in. */
export type Findings = Readonly<{
  /** What was done, a sentence each, for people. */
  did: readonly string[];
  rows: readonly Row[];
  plots?: readonly Plot[];
  tables?: readonly Table[];
}>;

/**
 * `told`: measured, but there is no target. `not run`: could not be seen in this run; `not judged`: measured in a run too
 * short to decide. `why` says so.
 */
export type Verdict = 'met' | 'missed' | 'told' | 'not run' | 'not judged';

/** One thing measured, beside its target and what the predecessor claimed. */
export type Row = Readonly<{
  /** Stable, for machines: `load.memory`. */
  id: string;
  what: string;
  /** For people, unit included. */
  measured: string;
  /** The same for machines, where it is a number. */
  value?: number;
  unit?: string;
  target?: string;
  predecessor?: string;
  verdict: Verdict;
  why?: string;
}>;

export type Plot = Readonly<{
  id: string;
  title: string;
  unit: string;
  /** What lies along x, with its unit, where that is not the time. */
  along?: string;
  series: readonly Series[];
  /** A target, drawn as a line. */
  limit?: Readonly<{ label: string; value: number }>;
  /** Moments worth seeing: a fault, the end of the load. */
  marks?: readonly Readonly<{ at: number; label: string }>[];
}>;

/** In the order of x. */
export type Series = Readonly<{ name: string; points: readonly Point[] }>;

/** [seconds since the phase began, value]; a value that is no number is a gap: not measured. */
export type Point = readonly [number, number];

export type Table = Readonly<{
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  note?: string;
}>;
