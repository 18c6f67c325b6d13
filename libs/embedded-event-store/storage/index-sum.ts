import { closeSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { syncFolder } from './segment-files.js';

const SUFFIX = '.sum';
const CHUNK = 4 * 1024 * 1024;

/** Whether a closed file is as it was: a sum that is put beside it when it is closed and taken away before it is opened. */
export type Closed = 'as it was' | 'changed' | 'not known';

/** Puts the sum of a file beside it. Without it nothing is known of the file, which costs a closer look. */
export const noteSum = (file: string): void => {
  try {
    writeFileSync(file + SUFFIX, sumOf(file), { mode: 0o600 });
  } catch {
    rmSync(file + SUFFIX, { force: true });
  }
};

/** Compares a file with its sum, which is gone then. */
export const takeSum = (file: string): Closed => {
  let noted: string;
  try {
    noted = readFileSync(file + SUFFIX, 'utf8');
  } catch {
    return 'not known';
  }
  const closed = noted === sumOf(file) ? 'as it was' : 'changed';
  rmSync(file + SUFFIX, { force: true });
  syncFolder(path.dirname(file));
  return closed;
};

/** Length and CRC-32 of all of it. */
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
