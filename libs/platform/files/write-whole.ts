import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file (mode 0600) so that it is complete and on disk, or leaves the earlier file in place.
 *
 * @throws the file system's error
 */
export const writeWhole = (file: string, text: string): void => {
  const draft = `${file}.${process.pid}.draft`;
  withFile(draft, 'w', (handle) => {
    writeSync(handle, text);
    fsyncSync(handle);
  });
  renameSync(draft, file);
  withFile(dirname(file), 'r', fsyncSync);
};

const withFile = (path: string, flags: string, work: (handle: number) => void): void => {
  const handle = openSync(path, flags, 0o600);
  try {
    work(handle);
  } finally {
    closeSync(handle);
  }
};
