import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Health } from '#libs/platform/health/health.registry.js';
import { noticeOf, storeCondition } from './store-condition.js';
import type { StoreCondition, StoreMarks, StoreNotice } from './store-condition.js';
import { Interval } from '#libs/time/interval.js';

const LOOK = new Boundary('gateway.store-watch');

/** Milliseconds between two checks of the store. */
const LOOK_MS = 250;
/** Milliseconds between attempts to write to a store that is not well, while no post makes such an attempt. */
const ASK_MS = 1_000;

export type StoreWatchParts = Readonly<{
  marks(): StoreMarks;
  /** Returns whether posts are waiting. Their own writes then show when the store is well again. */
  isAsked(): boolean;
  /** Asks the store to write something harmless. Never throws. How the store answers shows in the next `marks`. */
  ask(): Promise<unknown>;
  tell(notice: StoreNotice): void;
}>;

/**
 * Watches the condition of the store and tells bots when it changes. While nobody posts, it writes to the store itself
 * to find out when all is well again.
 */
export class StoreWatch {
  private condition: StoreCondition | undefined;
  private readonly looks = new Interval(LOOK_MS, () => this.lookAtStore(), LOOK);
  private asking: Promise<unknown> | undefined;
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly parts: StoreWatchParts,
    private readonly elapsed: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.looks.start();
  }

  stopWatching(): void {
    void this.looks.stop();
  }

  /** Checks the store now, because something has changed. */
  lookAtStore(): void {
    const marks = this.parts.marks();
    const before = this.condition?.kind;
    this.condition = storeCondition(marks);
    const notice = noticeOf(before, this.condition);
    if (notice) this.parts.tell(notice);
    if (this.condition.kind !== 'well' && marks.connected) this.askIfDue();
  }

  /**
   * Returns whether posts can be accepted now. Whether events arrive from the store is part of the log's own health.
   */
  health(): Health {
    switch (this.condition?.kind) {
      case 'refusing':
        return { ready: false, detail: 'posts are refused: the event store can’t write' };
      case 'away':
        return { ready: false, detail: 'the event store answers no post' };
      default:
        return { ready: true };
    }
  }

  private askIfDue(): void {
    const now = this.elapsed();
    if (this.asking || this.parts.isAsked() || now - this.askedAt < ASK_MS) return;
    this.askedAt = now;
    this.asking = this.parts.ask().finally(() => (this.asking = undefined));
  }
}
