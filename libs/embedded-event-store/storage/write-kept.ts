import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { KeptRanges } from './kept-ranges.js';

/**
 * Writes the kept records of a segment into a new file, and resolves when the file is on disk. If that fails, the file
 * is removed.
 */
export const writeKept = async (file: string, bytes: Iterable<Buffer>, kept: KeptRanges): Promise<void> => {
  const handle = await open(file, 'w', 0o600);
  try {
    for (const chunk of bytes) await handle.writeFile(chunk);
    await handle.writeFile(kept.encode());
    await handle.sync();
  } catch (error) {
    await handle.close();
    rmSync(file, { force: true });
    throw error;
  }
  await handle.close();
};
