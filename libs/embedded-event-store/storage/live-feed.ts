import type { LogEntry } from './log-entry.js';

const MAX_ENTRIES = 4096;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * The newest events, kept in memory once for all subscribers. A subscriber pulls from the position it has reached;
 * one that is too slow finds its place gone and reads from disk. So memory does not grow with slow subscribers.
 */
export class LiveFeed {
  private entries: (LogEntry | undefined)[] = [];
  /** Slots before this index are empty; they are cut off now and then. */
  private first = 0;
  private bytes = 0;
  private readonly waiting = new Set<() => void>();
  /** From here on every event is in memory. */
  private covers: number;

  /** `head` is the position where the next event will be; everything before it is on disk. */
  constructor(private headPosition: number) {
    this.covers = headPosition;
  }

  get head(): number {
    return this.headPosition;
  }

  /** Adds events that are synced to disk, in log order. */
  publish(entries: readonly LogEntry[], nextPosition: number): void {
    for (const entry of entries) {
      this.entries.push(entry);
      this.bytes += entry.record.length;
    }
    this.headPosition = nextPosition;
    while (this.entries.length - this.first > MAX_ENTRIES || this.bytes > MAX_BYTES) {
      const oldest = this.entries[this.first]!;
      this.bytes -= oldest.record.length;
      this.covers = oldest.next;
      this.entries[this.first] = undefined;
      this.first += 1;
    }
    if (this.first > MAX_ENTRIES) {
      this.entries = this.entries.slice(this.first);
      this.first = 0;
    }
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Events at or after a position; undefined if some of them are no longer in memory. */
  from(position: number, limit: number): readonly LogEntry[] | undefined {
    if (position < this.covers) return undefined;
    let low = this.first;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.entries[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return this.entries.slice(low, low + limit) as LogEntry[];
  }

  /** Resolves when events were published or `signal` is aborted. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.waiting.delete(wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
