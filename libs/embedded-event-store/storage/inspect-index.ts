import { open, type RootDatabase } from 'lmdb';
import { DATABASES, HEAD, UNSEALED_HEAD } from './log-index.js';
import { unsealValue } from './sealed-value.js';

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** Exit code for an index that can't be used. LMDB may also end the process with a signal. */
export const UNUSABLE = 3;

/**
 * Checks a whole index: each value has its checksum, each key is found by a lookup, and none is missing. Free pages
 * can't be checked, but a damaged one ends the process when it is used, so everything is copied into a new index.
 * LMDB's own compacting copy is no alternative: lmdb 3.5 can't write to a copy made that way.
 */
const inspect = async (file: string, copy: string): Promise<string | undefined> => {
  const root = open<Buffer, Buffer>({ path: file, readOnly: true, ...BINARY });
  if (root.openDB<Buffer, Buffer>({ name: 'meta', ...BINARY }).get(HEAD)?.length === UNSEALED_HEAD)
    return 'its values have no checksums, as in an earlier release';
  const trouble = troubleIn(root);
  if (trouble === undefined) await copyAll(root, copy);
  return trouble;
};

const copyAll = async (from: RootDatabase<Buffer, Buffer>, file: string): Promise<void> => {
  const to = open<Buffer, Buffer>({
    path: file,
    overlappingSync: false,
    eventTurnBatching: false,
    ...BINARY,
  });
  for (const name of DATABASES) {
    const source = from.openDB<Buffer, Buffer>({ name, ...BINARY });
    const target = to.openDB<Buffer, Buffer>({ name, ...BINARY });
    to.transactionSync(() => {
      for (const { key, value } of source.getRange({})) void target.put(key, value);
    });
  }
  await to.close();
};

const troubleIn = (root: RootDatabase<Buffer, Buffer>): string | undefined => {
  for (const name of DATABASES) {
    const database = root.openDB<Buffer, Buffer>({ name, ...BINARY });
    let count = 0;
    for (const { key, value } of database.getRange({})) {
      if (!unsealValue(key, value)) return `a value in "${name}" is not what was written`;
      if (!database.get(key)?.equals(value)) return `a key in "${name}" is not found where it should be`;
      count += 1;
    }
    const { entryCount } = database.getStats() as { entryCount: number };
    if (count !== entryCount) return `${entryCount - count} keys in "${name}" are not found`;
  }
  return undefined;
};

/**
 * Runs `inspect-index.js <file> <copy>` in a process of its own, because LMDB ends the process with a signal at foreign
 * bytes.
 */
const run = async (file: string, copy: string): Promise<number> => {
  try {
    const trouble = await inspect(file, copy);
    process.stdout.write(trouble ?? '');
    return trouble === undefined ? 0 : UNUSABLE;
  } catch (error) {
    process.stdout.write((error as Error).message);
    return UNUSABLE;
  }
};

process.exitCode = await run(process.argv[2]!, process.argv[3]!);
