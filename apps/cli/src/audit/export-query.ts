import { readFile, stat, writeFile } from 'node:fs/promises';
import { CommandFailed } from '../command-failed.js';
import type { ReplayOptions } from './replay-query.js';

/** Beside the file, for a file of events cannot say of what query it is: it is what the server sends, byte for byte. */
const besides = (out: string): string => `${out}.query.json`;

/** The options that decide what is in the file, in one spelling. */
const spelled = ({ format = 'ndjson', direction = 'forwards', ...rest }: ReplayOptions): string => {
  const given = Object.entries({ ...rest, format, direction }).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(given.toSorted(([one], [other]) => (one < other ? -1 : 1))));
};

/**
 * Whether the file may be gone on with by this query. One of which nothing is noted, as it was made by other means, may.
 * @throws CommandFailed when it was begun with other options
 */
export const requireSameQuery = async (out: string, options: ReplayOptions): Promise<void> => {
  const size = await stat(out).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return;
  const noted = await readFile(besides(out), 'utf8').catch(() => '');
  if (isWhole(noted) && noted !== spelled(options))
    throw new CommandFailed(`${out} was begun with other options, ${noted}: give them, or another --out`);
};

/** To be called before the file's first event is written. @throws CommandFailed when it can't be */
export const noteQuery = async (out: string, options: ReplayOptions): Promise<void> => {
  await writeFile(besides(out), spelled(options), { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`${besides(out)} can't be written (${error.code})`);
  });
};

/** A note that was cut off when the machine stopped says nothing. */
const isWhole = (noted: string): boolean => noted.endsWith('}');
