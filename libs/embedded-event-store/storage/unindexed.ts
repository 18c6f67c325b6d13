import type { IndexChanges } from './index-changes.js';
import { MAX_RUN, type IndexRun } from './stream-index.js';
import type { StreamState } from './stream-state.js';

/** A part of what is not indexed yet, in the form in which it goes into the index. */
export interface IndexBatch {
  readonly runs: readonly IndexRun[];
  readonly streams: ReadonlyMap<string, StreamState>;
}

/** The newest events of a stream, contiguous. Those before `first` are in the index. */
interface Tail {
  first: number;
  readonly positions: number[];
}

/**
 * Holds what is committed to the log but not in its index: the newest events of streams, and the states of those
 * streams.
 */
export class Unindexed {
  private readonly tails = new Map<number, Tail>();
  private readonly streams = new Map<string, StreamState>();
  private events = 0;

  /** Number of events, used to limit it. */
  get size(): number {
    return this.events;
  }

  get isEmpty(): boolean {
    return this.streams.size === 0;
  }

  addChanges({ runs, streams }: Pick<IndexChanges, 'runs' | 'streams'>): void {
    for (const { streamId, first, positions } of runs) {
      const tail = this.tails.get(streamId);
      if (tail) for (const position of positions) tail.positions.push(position);
      else this.tails.set(streamId, { first, positions: [...positions] });
      this.events += positions.length;
    }
    for (const [name, state] of streams) this.streams.set(name, state);
  }

  streamState(name: string): StreamState | undefined {
    return this.streams.get(name);
  }

  /** Returns the first revision of a stream that is held here. Earlier ones are in the index. */
  firstOf(streamId: number): number {
    return this.tails.get(streamId)?.first ?? Number.POSITIVE_INFINITY;
  }

  /** Returns the positions of the events from `from` to `to` that are held here, in ascending order. */
  positions(streamId: number, from: number, to: number): readonly number[] {
    const tail = this.tails.get(streamId);
    if (!tail || to < tail.first) return [];
    return tail.positions.slice(Math.max(0, from - tail.first), to - tail.first + 1);
  }

  /** Returns everything, in runs of the length that the index takes. */
  batch(): IndexBatch {
    const runs: IndexRun[] = [];
    for (const [streamId, { first, positions }] of this.tails) {
      for (let from = 0; from < positions.length; from += MAX_RUN)
        runs.push({ streamId, first: first + from, positions: positions.slice(from, from + MAX_RUN) });
    }
    return { runs, streams: new Map(this.streams) };
  }

  /** Drops a batch that is in the index now. */
  drop({ runs, streams }: IndexBatch): void {
    for (const { streamId, positions } of runs) {
      const tail = this.tails.get(streamId)!;
      tail.positions.splice(0, positions.length);
      tail.first += positions.length;
      this.events -= positions.length;
      if (tail.positions.length === 0) this.tails.delete(streamId);
    }
    for (const [name, state] of streams) if (this.streams.get(name) === state) this.streams.delete(name);
  }
}
