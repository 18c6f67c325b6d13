import type { LoadInterval, LoadResult } from '#tools/harness/load/load-plan.js';

/** Everything seen during a load that is judged. */
export type Observed = Readonly<{
  /** Planned messages a second. */
  rate: number;
  seconds: number;
  load: LoadResult;
  /** Intervals of the load itself, without the warm-up. */
  intervals: readonly LoadInterval[];
  /** Empty when the server's processes can't be seen. */
  samples: readonly Sample[];
  /** MB of Verbatim's own Node processes after a forced collection, without file pages, with no bot connected. */
  settled?: Readonly<{ before: number; after: number }>;
}>;

export type Sample = Readonly<{
  /** Seconds since the load began. */
  at: number;
  processes: readonly ProcessSample[];
  /** Longest delay, in ms, of the event loop of the server that bots talk to; undefined if the server does not report it. */
  pauseMs: number | undefined;
}>;

export type ProcessSample = Readonly<{
  process: string;
  memoryMB: number;
  /** The part of `memoryMB` that is file pages, which the system takes back when it needs memory. */
  filesMB: number;
  cpuPercent: number;
}>;

/** Memory of Verbatim's own Node processes together, in MB. PostgreSQL is not one of them. */
export const ownMemory = (sample: Sample): number => sumOfOwn(sample, ({ memoryMB }) => memoryMB);

/** The file pages within `ownMemory`: those of the program, and those of the store's index that are mapped. */
export const ownFiles = (sample: Sample): number => sumOfOwn(sample, ({ filesMB }) => filesMB);

const sumOfOwn = ({ processes }: Sample, of: (process: ProcessSample) => number): number =>
  processes.filter(({ process }) => process !== 'PostgreSQL').reduce((sum, process) => sum + of(process), 0);
