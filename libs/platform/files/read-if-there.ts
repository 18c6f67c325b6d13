import { readFileSync } from 'node:fs';

/** Returns the text of a file; undefined if there is none. @throws the file system's error in all other cases */
export const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
