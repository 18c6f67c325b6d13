/** Everything one run of `verbatim hardening` did and saw. `report.json` is this; the pages are made from it. */
export type HardeningReport = Readonly<{
  format: 1;
  version: string;
  startedAt: string;
  endedAt: string;
  /** The value of `--minutes`: how long the load lasted, and how long the soak lasted. */
  minutes: number;
  /** The address of a server that was already running. Undefined if servers were started for the run. */
  url?: string;
  /** Faults planted on purpose (`--plant`); such a run is meant to fail. */
  planted: readonly string[];
  machine: Machine;
  phases: readonly PhaseReport[];
  /** Whether some target was met, none was missed, and the run was not called off. */
  passed: boolean;
}>;

export type Machine = Readonly<{
  cores: number;
  cpu: string;
  memoryMiB: number;
  kernel: string;
  node: string;
  /** Load average over the minute before the run. Other work on the machine distorts the figures. */
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

/** The results of a phase. */
export type Findings = Readonly<{
  /** What was done, for people, one sentence each. */
  did: readonly string[];
  rows: readonly Row[];
  plots?: readonly Plot[];
  tables?: readonly Table[];
}>;

/**
 * `told`: measured, but without a target. `not run`: could not be seen in this run. `not judged`: measured in a run too
 * short to decide. For the last two, `why` gives the reason.
 */
export type Verdict = 'met' | 'missed' | 'told' | 'not run' | 'not judged';

/** One measurement, with its target and what the predecessor claimed. */
export type Row = Readonly<{
  /** A stable id for machines, such as `load.memory`. */
  id: string;
  what: string;
  /** The measured value for people, with its unit. */
  measured: string;
  /** The same value for machines, if it is a number. */
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
  /** The name and unit of the x axis, if it is not time. */
  along?: string;
  series: readonly Series[];
  /** A target, drawn as a line. */
  limit?: Readonly<{ label: string; value: number }>;
  /** Moments to mark, such as a fault or the end of the load. */
  marks?: readonly Readonly<{ at: number; label: string }>[];
}>;

/** A line of a plot; its points are in the order of x. */
export type Series = Readonly<{ name: string; points: readonly Point[] }>;

/** [x, value]. x is in seconds since the load began, unless `along` names something else. NaN as a value is a gap. */
export type Point = readonly [number, number];

export type Table = Readonly<{
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  note?: string;
}>;
