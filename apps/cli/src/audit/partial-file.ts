import { open, type FileHandle } from 'node:fs/promises';
import { CommandFailed } from '../command-failed.js';
import { positionIn } from './position-in.js';

/** A file of events that ends with a complete line. `after` is the position of its last event. */
export type PartialFile = Readonly<{ file: FileHandle; bytes: number; after?: string }>;

const STEP = 64 * 1024;
const LINE_BREAK = 0x0a;

/**
 * Opens a file to continue an export, and creates it if it is missing. A last line that was cut off is
 * removed; a file with nothing but a heading is started again.
 *
 * @throws CommandFailed when the file can't be written, or its last line is not from an export
 */
export const openPartial = async (path: string): Promise<PartialFile> => {
  const file = await open(path, 'a+', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`${path} can't be written (${error.code})`);
  });
  try {
    const { line, end } = await lastWholeLine(file);
    const after = line === undefined ? undefined : positionIn(line);
    const isHeading = line !== undefined && line.startsWith('position,');
    if (line !== undefined && after === undefined && !isHeading)
      throw new CommandFailed(`${path} does not end with an event of an export: choose another --out`);
    const bytes = after === undefined ? 0 : end;
    await file.truncate(bytes);
    return { file, bytes, ...(after === undefined ? {} : { after }) };
  } catch (error) {
    await file.close();
    throw error;
  }
};

/** Returns the position of the last event in a file, or undefined if there is none. */
export const lastPositionIn = async (file: FileHandle): Promise<string | undefined> => {
  const { line } = await lastWholeLine(file);
  return line === undefined ? undefined : positionIn(line);
};

/**
 * Returns the last line that ends with a line break, and the offset of its end; undefined and 0 if there is
 * none.
 */
const lastWholeLine = async (file: FileHandle): Promise<{ line?: string; end: number }> => {
  let from = (await file.stat()).size;
  let tail = Buffer.alloc(0);
  let end: number | undefined;
  while (from > 0) {
    const step = Math.min(STEP, from);
    from -= step;
    const { buffer } = await file.read(Buffer.alloc(step), 0, step, from);
    tail = Buffer.concat([buffer, tail]);
    end ??= endOfLastLine(tail, from);
    if (end === undefined) continue;
    const start = tail.lastIndexOf(LINE_BREAK, end - from - 2) + 1;
    if (start > 0 || from === 0) return { line: tail.subarray(start, end - from).toString(), end };
  }
  return { end: 0 };
};

const endOfLastLine = (tail: Buffer, from: number): number | undefined => {
  const at = tail.lastIndexOf(LINE_BREAK);
  return at === -1 ? undefined : from + at + 1;
};
