import type { IndexChanges } from './index-changes.js';
import { MAX_RUN, type IndexRun } from './stream-index.js';
import type { StreamState } from './stream-state.js';

/** A part of what is not indexed yet, as it goes into the index. */
export interface IndexBatch {
  readonly runs: readonly IndexRun[];
  readonly streams: ReadonlyMap<string, StreamState>;
}

/** The newest events of a stream, contiguous: those before `first` are in the index. */
interface Tail {
  first: number;
  readonly positions: number[];
}

/** What is committed to the log but not in its index: the newest events of streams, and how those streams stand. */
export class Unindexed {
  private readonly tails = new Map<number, Tail>();
  private readonly streams = new Map<string, StreamState>();
  private events = 0;

  /** Events, for bounding it. */
  get size(): number {
    return this.events;
  }

  get isEmpty(): boolean {
    return this.streams.size === 0;
  }

  add({ runs, streams }: Pick<IndexChanges, 'runs' | 'streams'>): void {
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

  /** Where the index ends for a stream: revisions from here on are here. */
  firstOf(streamId: number): number {
    return this.tails.get(streamId)?.first ?? Number.POSITIVE_INFINITY;
  }

  /** Positions of the events from `from` to `to` that are here, in ascending order. */
  positions(streamId: number, from: number, to: number): readonly number[] {
    const tail = this.tails.get(streamId);
    if (!tail || to < tail.first) return [];
    return tail.positions.slice(Math.max(0, from - tail.first), to - tail.first + 1);
  }

  /** All of it, in runs as long as the index takes. */
  batch(): IndexBatch {
    const runs: IndexRun[] = [];
    for (const [streamId, { first, positions }] of this.tails) {
      for (let from = 0; from < positions.length; from += MAX_RUN)
        runs.push({ streamId, first: first + from, positions: positions.slice(from, from + MAX_RUN) });
    }
    return { runs, streams: new Map(this.streams) };
  }

  /** Forgets what is in the index now. */
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
