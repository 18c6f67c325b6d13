import { statfsSync } from 'node:fs';

/**
 * Largest append in bytes. With less room nothing is started, because LMDB ends the process when its file can't grow.
 */
export const LEAST_ROOM = 1024 * 1024;

/**
 * Checks the room first, because LMDB does not survive a full disk. @throws Error like the system's ENOSPC, if the disk
 * of a folder has too little room
 */
export const requireRoom = (folder: string): void => {
  const { bfree, bsize } = statfsSync(folder);
  if (bfree * bsize < LEAST_ROOM)
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
};
