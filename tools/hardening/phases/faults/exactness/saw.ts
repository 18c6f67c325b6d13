import type { BotHistory, Logged } from '#tools/harness/checker/history.js';
import type { Stage } from '../stage.js';
import { readLog } from './read-log.js';
import type { Reader } from './read-log.js';

/** The histories of bots, and the log of the channels they were in. */
export type Saw = Readonly<{
  histories: readonly BotHistory[];
  log: readonly Logged[];
  /** Members of all these channels. */
  readers: readonly Reader[];
  /** Whether the times in the log come from another machine's clock. */
  clocksDiffer: boolean;
}>;

/** Pairs what these bots saw with the log as it is now. @throws Error when the system does not answer */
export const withLog = async (
  { api, isRemote }: Pick<Stage, 'api' | 'isRemote'>,
  histories: readonly BotHistory[],
  readers: readonly Reader[],
): Promise<Saw> => ({
  histories,
  log: await readLog(api, readers),
  readers: readers.map(({ key, channels }) => ({ key, channels })),
  clocksDiffer: isRemote,
});
