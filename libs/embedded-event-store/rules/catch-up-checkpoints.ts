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
 * The checkpoints of a filtered subscription while it catches up, as EventStoreDB gives them
 * (Enumerator.AllSubscriptionFiltered.cs, CatchUp; AllReader.cs). It reads by pages, and one is due after each page with
 * which the interval is full and when the end of the log is reached. It names the last event delivered or, where that
 * is later, the start of the page: all before it was looked at. A page starts before an event, so its prepare position is 0.
 */
export class CatchUpCheckpoints {
  private pageStart: LogPosition;
  private considered: number;
  private matched = 0;
  private counter = 0;

  constructor(
    private readonly pace: CheckpointPace,
    /** The last event or checkpoint the subscriber was told. */
    private told: LogPosition,
  ) {
    this.pageStart = told.commit < 0 ? positionAt(0) : told;
    // The first page begins with the event told last, which it passes over.
    this.considered = told.commit > 0 && told.prepare >= told.commit ? 1 : 0;
  }

  /** An event was looked at, and delivered if it matched. Returns the checkpoint that is due after it. */
  passed(event: { position: number; next: number }, matched: boolean): LogPosition | undefined {
    this.considered += 1;
    if (matched) {
      this.matched += 1;
      this.told = positionAt(event.position);
    }
    if (this.matched < MAX_MATCHES && this.considered < this.pace.window) return undefined;
    this.endPage();
    this.pageStart = { commit: event.next, prepare: 0 };
    if (this.counter < this.pace.interval) return undefined;
    this.counter %= this.pace.interval;
    return this.told;
  }

  /** The end of the log was reached. Returns the checkpoint for it. */
  reachedEnd(): LogPosition {
    this.endPage();
    return this.told;
  }

  private endPage(): void {
    const holdsSomething = this.considered > 0;
    if (holdsSomething && comparePositions(this.told, this.pageStart) < 0) this.told = this.pageStart;
    this.counter += this.considered;
    this.considered = 0;
    this.matched = 0;
  }
}
