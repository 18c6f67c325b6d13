import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import path from 'node:path';

export type SegmentKind = 'log' | 'kept' | 'draft';

/** A segment, as described by a file name. */
export interface SegmentFile {
  /** Position of its first byte. */
  readonly base: number;
  readonly kind: 'log' | 'kept';
}

const FILE_NAME = /^events-(?<base>\d{16})\.(?<kind>log|kept|draft)$/u;

export const segmentFileName = (base: number, kind: SegmentKind): string =>
  `events-${String(base).padStart(16, '0')}.${kind}`;

/**
 * Lists the segments in a folder, by position. `superseded` lists what an unfinished scavenge left: its draft, and a
 * file whose scavenged version exists.
 */
export const segmentFiles = (folder: string): { files: SegmentFile[]; superseded: string[] } => {
  const found = new Map<number, 'log' | 'kept'>();
  const superseded: string[] = [];
  for (const name of readdirSync(folder).toSorted()) {
    const groups = FILE_NAME.exec(name)?.groups;
    if (!groups) continue;
    const base = Number(groups['base']);
    const kind = groups['kind'] as SegmentKind;
    // With the same base, the names sort as "draft", "kept", "log".
    if (kind === 'draft' || found.has(base)) superseded.push(path.join(folder, name));
    else found.set(base, kind);
  }
  const files = [...found].map(([base, kind]) => ({ base, kind }));
  return { files: files.toSorted((a, b) => a.base - b.base), superseded };
};

/** Makes the name of a new file survive a loss of power. Windows has no such call and needs none. */
export const syncFolder = (folder: string): void => {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/** Describes why a file does not reach the next one, or the end of the log. */
export const gapUntil = (end: number, hasNext: boolean): string =>
  hasNext
    ? `the file ends there, and the next one begins at position ${end}: a file between them is missing, or this one was cut off`
    : `the file ends there, but the log went on to position ${end}: it was cut off, or an older copy was put in its place`;
