import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export type Found = Readonly<{ path: string; mode: number; isLink: boolean }>;

/** Returns a folder and everything in it, with their permissions. Leaves out what disappears meanwhile. */
export const everythingIn = (path: string): Found[] => {
  try {
    const entry = lstatSync(path);
    const found = { path, mode: entry.mode & 0o777, isLink: entry.isSymbolicLink() };
    if (!entry.isDirectory()) return [found];
    return [found, ...readdirSync(path).flatMap((name) => everythingIn(join(path, name)))];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** Returns what users other than the owner may use. A link's own mode means nothing. */
export const openToOthers = (path: string): string[] =>
  everythingIn(path)
    .filter(({ mode, isLink }) => !isLink && (mode & 0o077) !== 0)
    .map((found) => `${found.path} ${found.mode.toString(8)}`);
