import type { LoadInterval, LoadResult } from '#libs/harness/load/load-plan.js';

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
  /** Memory of Verbatim's own Node processes after a forced collection, in MB, with no bot connected. */
  settled?: Readonly<{ before: number; after: number }>;
}>;

export type Sample = Readonly<{
  /** Seconds since the load began. */
  at: number;
  processes: readonly ProcessSample[];
  /** The longest time the event loop of the server that bots talk to was held up, in ms; undefined if it does not say. */
  pauseMs: number | undefined;
}>;

export type ProcessSample = Readonly<{ process: string; memoryMB: number; cpuPercent: number }>;

/** Memory of Verbatim's own Node processes together, in MB. PostgreSQL is not one of them. */
export const ownMemory = ({ processes }: Sample): number =>
  processes
    .filter(({ process }) => process !== 'PostgreSQL')
    .reduce((sum, { memoryMB }) => sum + memoryMB, 0);
