import { readFile, stat, writeFile } from 'node:fs/promises';
import { CommandFailed } from '../command-failed.js';
import type { ReplayOptions } from './replay-query.js';

/**
 * Returns the path of the file that holds the query of an export. The export itself cannot hold it, because
 * it is what the server sends, byte for byte.
 */
export const queryFileOf = (out: string): string => `${out}.query.json`;

/** Returns the options that decide the content of the file, in a canonical spelling. */
const spelled = ({ format = 'ndjson', direction = 'forwards', ...rest }: ReplayOptions): string => {
  const given = Object.entries({ ...rest, format, direction }).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(given.toSorted(([one], [other]) => (one < other ? -1 : 1))));
};

/**
 * Checks that an existing file was started by this same query. A file without a stored query was made by
 * another tool, so it is allowed.
 *
 * @throws CommandFailed when the file was started with other options
 */
export const requireSameQuery = async (out: string, options: ReplayOptions): Promise<void> => {
  const size = await stat(out).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return;
  const noted = await readFile(queryFileOf(out), 'utf8').catch(() => '');
  if (isWhole(noted) && noted !== spelled(options))
    throw new CommandFailed(
      `${out} was started with other options, ${noted}: use those, or choose another --out`,
    );
};

/**
 * Stores the query of an export. It must be called before the first event is written.
 *
 * @throws CommandFailed when the query can't be written
 */
export const noteQuery = async (out: string, options: ReplayOptions): Promise<void> => {
  await writeFile(queryFileOf(out), spelled(options), { mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new CommandFailed(`${queryFileOf(out)} can't be written (${error.code})`);
    },
  );
};

/** Returns whether a stored query is complete. One that was cut off when the machine stopped is ignored. */
const isWhole = (noted: string): boolean => noted.endsWith('}');
