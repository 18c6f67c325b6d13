import { comparePositions } from '../position.js';
import type { LogPosition } from '../position.js';
import type { PositionedEvent } from '../recorded-event.js';
import type { StoredEvent } from '../stored/stored-event.js';

/** An event, decoded and as it is stored. */
export type HeldEvent = Readonly<{ event: PositionedEvent; stored: StoredEvent }>;

/**
 * Holds the newest `capacity` events of a part of the log, numbered in order. None is missing from the place where it
 * began, or from the oldest event that it still holds.
 */
export class RecentEvents {
  readonly #held: HeldEvent[] = [];
  #end = 0;
  /** Position after which every event is held. */
  #after: LogPosition | undefined;

  constructor(private readonly capacity: number) {}

  /** Number of the next event. */
  get end(): number {
    return this.#end;
  }

  /**
   * Sets the place after which everything is held. Must be called before the first event; later calls change nothing.
   */
  beginAfter(after: LogPosition): void {
    this.#after ??= after;
  }

  /** Adds the next event, which must be later than all before it. Without a beginning, the event only sets it. */
  push(held: HeldEvent): void {
    if (this.#after === undefined) return this.beginAfter(held.event.position);
    const slot = this.#end % this.capacity;
    const oldest = this.#held[slot];
    if (oldest) this.#after = oldest.event.position;
    this.#held[slot] = held;
    this.#end += 1;
  }

  /** Returns the event with that number; undefined if it is yet to come or no longer held. */
  at(number: number): HeldEvent | undefined {
    return number < this.#end && number >= this.#start ? this.#held[number % this.capacity] : undefined;
  }

  /**
   * Returns the number of the first event after a place in the log; undefined when an event after it may be missing.
   */
  firstAfter(position: LogPosition): number | undefined {
    if (this.#after === undefined || comparePositions(position, this.#after) < 0) return undefined;
    let number = this.#end;
    while (number > this.#start && comparePositions(this.at(number - 1)!.event.position, position) > 0)
      number -= 1;
    return number;
  }

  get #start(): number {
    return Math.max(0, this.#end - this.capacity);
  }
}
