import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { UnfitInput } from '../checkpoints/held-checkpoint.js';
import { readExportLine } from './export-line.js';

/** Bytes that are read at once. Larger pieces would leave garbage that is collected late. */
const PIECE_BYTES = 64 * 1024;
/** The longest line that an event can have, in bytes. A file without line breaks must not fill memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const LINE_BREAK = 0x0a;

/** What an export is read from, from its start on: an open file, or something that arrives. No bytes mean the end. */
export type ExportSource = Readonly<{
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
}>;

/**
 * Reads the events of an export in the format `ndjson`, a few at a time, into one buffer that is used again and again.
 * `onBytes` is called with the number of bytes read so far.
 *
 * @throws UnfitInput naming the line that is no event, or that was cut off; the file system's error
 */
export async function* exportedEvents(
  file: ExportSource,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<readonly StoredEvent[]> {
  let buffer: Buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let [lines, bytes, filled] = [0, 0, 0];
  for (;;) {
    if (filled === buffer.length) buffer = enlarged(buffer, lines + 1);
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, bytes);
    if (bytesRead === 0) break;
    bytes += bytesRead;
    const end = buffer.subarray(filled, (filled += bytesRead)).lastIndexOf(LINE_BREAK) + filled - bytesRead;
    if (end < filled - bytesRead) continue;
    yield buffer
      .toString('utf8', 0, end)
      .split('\n')
      .map((line) => readLine(line, (lines += 1)));
    onBytes(bytes);
    buffer.copyWithin(0, end + 1, filled);
    filled -= end + 1;
  }
  if (filled > 0)
    throw new UnfitInput(
      `Line ${lines + 1} was cut off: the export is incomplete. Run it again to continue it`,
    );
}

const enlarged = (buffer: Buffer, line: number): Buffer => {
  if (buffer.length >= MAX_LINE_BYTES) throw new UnfitInput(`Line ${line} never ends`);
  const larger = Buffer.allocUnsafe(buffer.length * 2);
  buffer.copy(larger);
  return larger;
};

const readLine = (line: string, number: number): StoredEvent => {
  try {
    return readExportLine(line);
  } catch (error) {
    throw new UnfitInput(`Line ${number} can't be read: ${(error as Error).message}`, { cause: error });
  }
};
