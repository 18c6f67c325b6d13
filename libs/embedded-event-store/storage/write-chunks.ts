import { writev, writevSync } from 'node:fs';
import { promisify } from 'node:util';

const writeAsync = promisify(writev);

/** Largest number of buffers in one call (IOV_MAX of Linux). */
const MOST_AT_ONCE = 1024;
/**
 * Bytes up to which a write is made by the event loop itself. It only copies them into the system's memory, which takes
 * less time than to have another thread do it.
 */
const SMALL_BYTES = 256 * 1024;

/** Writes chunks one after the other, the first one at an offset of a file. They are not synced. @throws the disk's error */
export const writeChunks = async (fd: number, chunks: readonly Buffer[], offset: number): Promise<void> => {
  const isSmall = chunks.reduce((sum, { length }) => sum + length, 0) <= SMALL_BYTES;
  let at = offset;
  for (let left = chunks; left.length > 0;) {
    const some = left.slice(0, MOST_AT_ONCE);
    const written = isSmall ? writevSync(fd, some, at) : (await writeAsync(fd, some, at)).bytesWritten;
    at += written;
    left = withoutFirst(left, written);
  }
};

/** Returns the rest of the chunks after their first bytes were written. */
const withoutFirst = (chunks: readonly Buffer[], written: number): readonly Buffer[] => {
  let index = 0;
  let left = written;
  while (index < chunks.length && left >= chunks[index]!.length) left -= chunks[index++]!.length;
  return left === 0 ? chunks.slice(index) : [chunks[index]!.subarray(left), ...chunks.slice(index + 1)];
};
