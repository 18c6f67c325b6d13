import { comparePositions } from '../position.js';
import type { LogPosition } from '../position.js';
import type { PositionedEvent } from '../recorded-event.js';

/**
 * The newest events of a part of the log, numbered as they came: from the place it began at, or from the oldest it still
 * holds, none is missing. It holds `capacity` of them.
 */
export class RecentEvents {
  readonly #held: PositionedEvent[] = [];
  #end = 0;
  /** Every event after it is held. */
  #after: LogPosition | undefined;

  constructor(private readonly capacity: number) {}

  /** The number the next event gets. */
  get end(): number {
    return this.#end;
  }

  /** Nothing comes before the first call: what follows this place is complete. Later calls change nothing. */
  begin(after: LogPosition): void {
    this.#after ??= after;
  }

  /** The next event, later than all before it. It is only noted as a place to begin at while there is none. */
  push(event: PositionedEvent): void {
    if (this.#after === undefined) return this.begin(event.position);
    const slot = this.#end % this.capacity;
    const oldest = this.#held[slot];
    if (oldest) this.#after = oldest.position;
    this.#held[slot] = event;
    this.#end += 1;
  }

  /** The event of that number; undefined if it is yet to come or no longer held. */
  at(number: number): PositionedEvent | undefined {
    return number < this.#end && number >= this.#start ? this.#held[number % this.capacity] : undefined;
  }

  /** The number of the first event after a place in the log; undefined when one after it may not be held. */
  firstAfter(position: LogPosition): number | undefined {
    if (this.#after === undefined || comparePositions(position, this.#after) < 0) return undefined;
    let number = this.#end;
    while (number > this.#start && comparePositions(this.at(number - 1)!.position, position) > 0) number -= 1;
    return number;
  }

  get #start(): number {
    return Math.max(0, this.#end - this.capacity);
  }
}
