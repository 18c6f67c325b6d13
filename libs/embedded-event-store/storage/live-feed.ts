import type { LogEntry } from './log-entry.js';

const MAX_ENTRIES = 4096;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Keeps the newest events in memory, once for all subscribers. A subscriber reads from the position it has reached. If
 * it is too slow, it finds its place gone and reads from disk, so memory does not grow with slow subscribers.
 */
export class LiveFeed {
  private entries: (LogEntry | undefined)[] = [];
  /** Slots before this index are empty. They are removed from time to time. */
  private first = 0;
  private bytes = 0;
  private readonly waiting = new Set<() => void>();
  /** Every event from here on is in memory. */
  private covers: number;

  /** @param headPosition the position of the next event; everything before it is on disk */
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

  /** Returns events at or after a position; undefined if some of them are no longer in memory. */
  entriesFrom(position: number, limit: number): readonly LogEntry[] | undefined {
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
  async whenChanged(signal: AbortSignal): Promise<void> {
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
