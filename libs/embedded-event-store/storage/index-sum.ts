import { closeSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { syncFolder } from './segment-files.js';

const SUFFIX = '.sum';
const CHUNK = 4 * 1024 * 1024;
/** Stands in the place of a checksum that no file has. */
const DAMAGED = 'damaged\n';

/**
 * Result of comparing a file with its checksum, which is written next to it when it is closed and removed before it is
 * opened. `damaged` means that it was found to be so while it was open.
 */
export type Closed = 'as it was' | 'changed' | 'not known' | 'damaged';

/**
 * Writes the checksum of a file next to it. Without one nothing is known about the file, which then needs a thorough
 * check.
 */
export const noteSum = (file: string): void => {
  try {
    writeFileSync(file + SUFFIX, sumOf(file), { mode: 0o600 });
  } catch {
    rmSync(file + SUFFIX, { force: true });
  }
};

/** Notes next to a file that it is damaged. If that fails, nothing is known about the file. */
export const noteDamage = (file: string): void => {
  try {
    writeFileSync(file + SUFFIX, DAMAGED, { mode: 0o600 });
  } catch {
    rmSync(file + SUFFIX, { force: true });
  }
};

/** Compares a file with its checksum, and removes the checksum. */
export const takeSum = (file: string): Closed => {
  let noted: string;
  try {
    noted = readFileSync(file + SUFFIX, 'utf8');
  } catch {
    return 'not known';
  }
  const closed = noted === DAMAGED ? 'damaged' : noted === sumOf(file) ? 'as it was' : 'changed';
  rmSync(file + SUFFIX, { force: true });
  syncFolder(path.dirname(file));
  return closed;
};

/** Returns the length and CRC-32 of the whole file. */
const sumOf = (file: string): string => {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.allocUnsafe(CHUNK);
    let [sum, size] = [0, 0];
    for (;;) {
      const count = readSync(fd, bytes, 0, CHUNK, size);
      if (count === 0) return `${size} ${sum}\n`;
      sum = crc32(bytes.subarray(0, count), sum);
      size += count;
    }
  } finally {
    closeSync(fd);
  }
};
