import { comparePositions, positionAt, type LogPosition } from './log-position.js';

/** Sets how often a filtered subscription gets a checkpoint. */
export interface CheckpointPace {
  /** Largest number of events that the server reads in one page. */
  readonly window: number;
  /** Number of events read between two checkpoints. */
  readonly interval: number;
}

/** Largest number of matching events in one page (Enumerator.ReadBatchSize). */
const MAX_MATCHES = 32;

/**
 * Computes the checkpoints of a filtered subscription while it catches up, as EventStoreDB 24.10 does
 * (Enumerator.AllSubscriptionFiltered.cs, CatchUp; AllReader.cs).
 *
 * It reads in pages. The first page begins with the last event that the subscriber received, which counts although it
 * is not sent again. A page ends after `window` events, or after 32 that match.
 *
 * - After a page that fills the interval, the checkpoint is the last delivered event or, if that is later, the place
 *   where the page begins: before its first event, so its prepare position is 0.
 * - At the end of the log, the checkpoint is the last thing that the subscriber received: an event, an earlier
 *   checkpoint, or the position it subscribed from. Pages that did not fill the interval do not move it. A subscriber
 *   from the start that received nothing gets "before all" (`BEFORE_ALL`), which is 2^64-1 on the wire. Later versions
 *   send no such checkpoint.
 *
 * The caller drops a checkpoint that is not after the previous one. Live checkpoints follow another rule
 * (`AllSubscription`).
 */
export class CatchUpCheckpoints {
  private pageStart: LogPosition;
  private considered = 0;
  private matched = 0;
  private counter = 0;

  constructor(
    private readonly pace: CheckpointPace,
    /** Position of the last event or checkpoint that the subscriber received. */
    private told: LogPosition,
  ) {
    this.pageStart = told.commit < 0 ? positionAt(0) : told;
  }

  /**
   * Counts an event that was read, and delivered if it matched and was new to the subscriber. Returns the checkpoint
   * due after it.
   */
  passed(event: { position: number; next: number }, matches: boolean): LogPosition | undefined {
    this.considered += 1;
    if (matches) {
      this.matched += 1;
      this.told = later(this.told, positionAt(event.position));
    }
    if (this.matched < MAX_MATCHES && this.considered < this.pace.window) return undefined;
    return this.endPage({ commit: event.next, prepare: 0 });
  }

  /** Returns the checkpoint at the end of the log. */
  reachedEnd(): LogPosition {
    return this.told;
  }

  private endPage(next: LogPosition): LogPosition | undefined {
    const start = this.pageStart;
    this.counter += this.considered;
    this.pageStart = next;
    this.considered = 0;
    this.matched = 0;
    if (this.counter < this.pace.interval) return undefined;
    this.counter %= this.pace.interval;
    this.told = later(this.told, start);
    return this.told;
  }
}

const later = (a: LogPosition, b: LogPosition): LogPosition => (comparePositions(a, b) < 0 ? b : a);
