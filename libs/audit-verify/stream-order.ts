import type { Finding } from './finding.js';

type Placed = Readonly<{ stream: string; revision: number; position: bigint }>;

/**
 * Says how an event does not follow those before it: positions grow along the log, and the revisions of each stream are
 * 0, 1, 2, … A channel's seqs are the revisions of its stream.
 */
export class StreamOrder {
  readonly #next = new Map<string, number>();
  #last = -1n;

  /** The number of streams met. */
  get streams(): number {
    return this.#next.size;
  }

  /** Takes the next event. Returns what is wrong with its place; undefined when nothing is. */
  addEvent({ stream, revision, position }: Placed): Pick<Finding, 'kind' | 'text'> | undefined {
    const due = this.#next.get(stream) ?? 0;
    this.#next.set(stream, Math.max(due, revision + 1));
    const goesBack = position <= this.#last;
    if (!goesBack) this.#last = position;
    if (goesBack) return { kind: 'order', text: `It comes after an event at position ${this.#last}` };
    if (revision < due) return { kind: 'order', text: `The stream has had its revision ${revision} before` };
    if (revision > due)
      return { kind: 'gap', text: `Before it, ${missing(due, revision - 1)} missing in the stream` };
    return undefined;
  }
}

const missing = (first: number, last: number): string =>
  first === last ? `revision ${first} is` : `revisions ${first} to ${last} are`;
