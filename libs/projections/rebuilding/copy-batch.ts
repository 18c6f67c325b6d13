import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import type { LogPosition } from '#libs/event-store/position.js';

/** Of one transaction; full is what has so many rows or half of these bytes. */
export type CopyLimits = Readonly<{ rows: number; bytes: number }>;

/** For speed. Bytes are bounded too: one batch gathers while the one before is being copied. */
export const LARGE: CopyLimits = { rows: 10_000, bytes: 2 * 1024 * 1024 };
/** UTF-8 takes at most three bytes for a unit of a JavaScript string. */
const WORST = 3;

/**
 * Rows gathered for one transaction, as bytes from the start: strings that lived until it is full would have to be
 * moved about by the garbage collector, which costs more than all else that is done with them.
 */
export class CopyBatch {
  rows = 0;
  #bytes: Buffer;
  #length = 0;

  /** The last event it holds the row of. */
  last: Landmark | undefined;

  constructor(
    private readonly begins: LogPosition,
    private readonly limits = LARGE,
  ) {
    this.#bytes = Buffer.allocUnsafe(limits.bytes);
  }

  /** The last event it holds the row of, or where it begins. */
  get upTo(): LogPosition {
    return this.last?.position ?? this.begins;
  }

  get isFull(): boolean {
    return this.rows >= this.limits.rows || this.#length > this.limits.bytes / 2;
  }

  get lines(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes any row, also when it is full. */
  addLine(line: string, event: Landmark): void {
    const needed = this.#length + line.length * WORST;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length += this.#bytes.write(line, this.#length);
    this.rows += 1;
    this.last = event;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
