import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import type { LogPosition } from '#libs/event-store/position.js';

/** The limits of one transaction. A batch is full when it has this many rows or half of these bytes. */
export type CopyLimits = Readonly<{ rows: number; bytes: number }>;

/** Limits for full speed. Bytes are limited as well, because one batch is filled while the previous one is copied. */
export const LARGE: CopyLimits = { rows: 10_000, bytes: 2 * 1024 * 1024 };
/** The most bytes that UTF-8 takes for one unit of a JavaScript string. */
const WORST = 3;

/**
 * Gathers rows for one transaction, as bytes from the start. Strings that live until the batch is full would have to be
 * moved around by the garbage collector, which costs more than everything else that is done with them.
 */
export class CopyBatch {
  rows = 0;
  #bytes: Buffer;
  #length = 0;

  /** The last event whose row it holds. */
  last: Landmark | undefined;

  constructor(
    private readonly begins: LogPosition,
    private readonly limits = LARGE,
  ) {
    this.#bytes = Buffer.allocUnsafe(limits.bytes);
  }

  /** The position of the last event whose row it holds, or else the position where it begins. */
  get upTo(): LogPosition {
    return this.last?.position ?? this.begins;
  }

  get isFull(): boolean {
    return this.rows >= this.limits.rows || this.#length > this.limits.bytes / 2;
  }

  get lines(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Adds a row, even when the batch is full. */
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
