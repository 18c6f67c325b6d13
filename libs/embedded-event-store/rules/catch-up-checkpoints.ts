import { comparePositions, positionAt, type LogPosition } from './log-position.js';

/** How often a filtered subscription gets a checkpoint. */
export interface CheckpointPace {
  /** Most events the server looks at in one page. */
  readonly window: number;
  /** Events looked at from one checkpoint to the next. */
  readonly interval: number;
}

/** Most events in one page that the filter lets through (Enumerator.ReadBatchSize). */
const MAX_MATCHES = 32;

/**
 * The checkpoints of a filtered subscription while it catches up, as EventStoreDB 24.10 gives them
 * (Enumerator.AllSubscriptionFiltered.cs, CatchUp; AllReader.cs).
 *
 * It reads by pages. The first page begins with the event that the subscriber was told last, which counts though it is
 * not sent again. A page ends after `window` events, or after 32 that match.
 *
 * - After a page with which the interval is full, the checkpoint is the last event delivered or, where that is later,
 *   the place at which the page begins: before its first event, so its prepare position is 0.
 * - At the end of the log, the checkpoint is what the subscriber was told last: an event, an earlier checkpoint, or the
 *   position it subscribed from. Pages that did not fill the interval do not move it. A subscriber from the start that
 *   was told nothing gets "before all" (`BEFORE_ALL`), which is 2^64-1 on the wire. Later versions send no such checkpoint.
 *
 * A caller leaves out a checkpoint that is not after the one before it; live ones follow another rule (`AllSubscription`).
 */
export class CatchUpCheckpoints {
  private pageStart: LogPosition;
  private considered = 0;
  private matched = 0;
  private counter = 0;

  constructor(
    private readonly pace: CheckpointPace,
    /** The last event or checkpoint the subscriber was told. */
    private told: LogPosition,
  ) {
    this.pageStart = told.commit < 0 ? positionAt(0) : told;
  }

  /** An event was looked at, and delivered if it matched and was not told before. Returns the checkpoint due after it. */
  passed(event: { position: number; next: number }, matches: boolean): LogPosition | undefined {
    this.considered += 1;
    if (matches) {
      this.matched += 1;
      this.told = later(this.told, positionAt(event.position));
    }
    if (this.matched < MAX_MATCHES && this.considered < this.pace.window) return undefined;
    return this.endPage({ commit: event.next, prepare: 0 });
  }

  /** The end of the log was reached. Returns the checkpoint for it. */
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
