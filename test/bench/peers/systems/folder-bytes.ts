import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The unit of `blocks` that every Unix has. */
const BLOCK = 512;

/** Returns how much room a folder takes on its disk. Files that go away meanwhile count nothing. */
export const folderBytes = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry): Promise<number> => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return folderBytes(path);
    return lstat(path).then(
      ({ blocks }) => blocks * BLOCK,
      () => 0,
    );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
};
