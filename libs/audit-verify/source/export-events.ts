import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { UnfitInput } from '../checkpoints/held-checkpoint.js';
import { readExportLine } from './export-line.js';

/** The longest line that an event can have, in bytes. A file without line breaks must not fill memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const LINE_BREAK = 0x0a;

/**
 * Reads the events of an export in the format `ndjson`, one batch for each chunk. `onBytes` is called with the number of
 * bytes read so far.
 *
 * @throws UnfitInput naming the line that is no event, or that was cut off
 */
export async function* exportedEvents(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<readonly StoredEvent[]> {
  let rest: Buffer[] = [];
  let [lines, bytes, waiting] = [0, 0, 0];
  for await (const given of chunks) {
    const chunk = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    bytes += chunk.length;
    const end = chunk.lastIndexOf(LINE_BREAK);
    rest.push(end === -1 ? chunk : chunk.subarray(0, end));
    waiting += rest.at(-1)!.length;
    if (waiting > MAX_LINE_BYTES && end === -1) throw new UnfitInput(`Line ${lines + 1} never ends`);
    if (end === -1) continue;
    const whole = Buffer.concat(rest).toString().split('\n');
    yield whole.map((line) => readLine(line, (lines += 1)));
    onBytes(bytes);
    rest = [chunk.subarray(end + 1)];
    waiting = rest[0]!.length;
  }
  if (waiting > 0)
    throw new UnfitInput(
      `Line ${lines + 1} was cut off: the export is incomplete. Run it again to continue it`,
    );
}

const readLine = (line: string, number: number): StoredEvent => {
  try {
    return readExportLine(line);
  } catch (error) {
    throw new UnfitInput(`Line ${number} can't be read: ${(error as Error).message}`, { cause: error });
  }
};
