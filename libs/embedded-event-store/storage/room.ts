import { statfsSync } from 'node:fs';

/** Bytes an append may have, and room without which nothing is begun: LMDB ends the process where its file can't grow. */
export const LEAST_ROOM = 1024 * 1024;

/** @throws Error as the system would, if the disk of a folder has too little room: who writes there is not pushed aside */
export const requireRoom = (folder: string): void => {
  const { bfree, bsize } = statfsSync(folder);
  if (bfree * bsize < LEAST_ROOM)
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
};
