import { positionIn } from './position-in.js';

const LINE_BREAK = 0x0a;

/** Counts the lines and bytes of an export as they pass. */
export class LineMeter {
  lines = 0;
  bytes = 0;
  #chunk: Buffer = Buffer.alloc(0);

  countLines(chunk: Buffer): void {
    this.bytes += chunk.length;
    for (let at = chunk.indexOf(LINE_BREAK); at !== -1; at = chunk.indexOf(LINE_BREAK, at + 1))
      this.lines += 1;
    this.#chunk = chunk;
  }

  /**
   * Returns the position in the last complete line of the newest chunk, or undefined if the chunk holds none.
   */
  position(): string | undefined {
    const end = this.#chunk.lastIndexOf(LINE_BREAK);
    const start = end < 1 ? -1 : this.#chunk.lastIndexOf(LINE_BREAK, end - 1);
    return start === -1 ? undefined : positionIn(this.#chunk.subarray(start + 1, end + 1).toString());
  }
}
