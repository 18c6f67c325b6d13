import type { BotHistory, Logged } from '#tools/harness/checker/history.js';
import type { Stage } from '../stage.js';
import { readLog } from './read-log.js';
import type { Reader } from './read-log.js';

/** What bots saw, and what is in the log of the channels they were in. */
export type Saw = Readonly<{
  histories: readonly BotHistory[];
  log: readonly Logged[];
  /** Members of all these channels. */
  readers: readonly Reader[];
  /** The log's times are of another machine's clock. */
  clocksDiffer: boolean;
}>;

/** What these bots saw, beside the log as it is now. @throws Error when the system does not answer */
export const beside = async (
  { api, isRemote }: Pick<Stage, 'api' | 'isRemote'>,
  histories: readonly BotHistory[],
  readers: readonly Reader[],
): Promise<Saw> => ({
  histories,
  log: await readLog(api, readers),
  readers: readers.map(({ key, channels }) => ({ key, channels })),
  clocksDiffer: isRemote,
});
