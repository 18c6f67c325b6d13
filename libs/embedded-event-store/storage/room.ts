import { statfsSync } from 'node:fs';

/**
 * Largest append in bytes. With less room nothing is started, because LMDB ends the process when its file can't grow.
 */
export const LEAST_ROOM = 1024 * 1024;

/**
 * Checks that the disk of a folder has enough room, before a write that the process may not survive. Blocks reserved
 * for the superuser count as free. @throws Error like the system's, with code ENOSPC
 */
export const requireRoom = (folder: string): void => {
  const { bfree, bsize } = statfsSync(folder);
  if (bfree * bsize < LEAST_ROOM)
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
};
