import type { LoadInterval, LoadResult } from '#tools/harness/load/load-plan.js';

/** What a load did to a server: all that is judged. */
export type Observed = Readonly<{
  /** Messages a second that were to be sent, for so many seconds. */
  rate: number;
  seconds: number;
  load: LoadResult;
  /** Of the load itself, without what went before. */
  intervals: readonly LoadInterval[];
  /** Empty when the server's processes can't be seen. */
  samples: readonly Sample[];
  /** What Verbatim's own Node processes hold of memory after a forced collection, in MB, with no bot connected. */
  settled?: Readonly<{ before: number; after: number }>;
}>;

export type Sample = Readonly<{
  /** Seconds since the load began. */
  at: number;
  processes: readonly ProcessSample[];
  /** The longest time the event loop of the server that bots talk to was held up, in ms; undefined if it does not say. */
  pauseMs: number | undefined;
}>;

export type ProcessSample = Readonly<{
  process: string;
  memoryMB: number;
  /** Of it, pages of files, which the system takes back when it needs memory. */
  filesMB: number;
  cpuPercent: number;
}>;

/** Memory of Verbatim's own Node processes together, in MB. PostgreSQL is not one of them. */
export const ownMemory = (sample: Sample): number => sumOfOwn(sample, ({ memoryMB }) => memoryMB);

/** Of `ownMemory`, the pages of files: the program's, and what is mapped of the store's index. */
export const ownFiles = (sample: Sample): number => sumOfOwn(sample, ({ filesMB }) => filesMB);

const sumOfOwn = ({ processes }: Sample, of: (process: ProcessSample) => number): number =>
  processes.filter(({ process }) => process !== 'PostgreSQL').reduce((sum, process) => sum + of(process), 0);
