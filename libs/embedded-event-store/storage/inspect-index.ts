import { open, type RootDatabase } from 'lmdb';
import { DATABASES, HEAD, UNSEALED_HEAD } from './log-index.js';
import { unsealValue } from './sealed-value.js';

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** Exit code for an index that can't be used. LMDB may end the process with a signal as well. */
export const UNUSABLE = 3;

/**
 * Looks at all of an index: each value has its sum, each key is found by looking for it, and none is missing. Pages that are
 * free can't be looked at, but end the process when they are taken, so all of it is put into a new index. LMDB's own
 * compacting copy will not do: what lmdb 3.5 makes so can't be written to.
 */
const inspect = async (file: string, copy: string): Promise<string | undefined> => {
  const root = open<Buffer, Buffer>({ path: file, readOnly: true, ...BINARY });
  if (root.openDB<Buffer, Buffer>({ name: 'meta', ...BINARY }).get(HEAD)?.length === UNSEALED_HEAD)
    return undefined;
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

/** `inspect-index.js <file> <copy>`, in a process of its own: LMDB ends it with a signal at bytes that are none of its own. */
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
