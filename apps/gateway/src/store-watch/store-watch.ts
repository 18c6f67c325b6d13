import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Health } from '#libs/platform/health/health.registry.js';
import { noticeOf, storeCondition } from './store-condition.js';
import type { StoreCondition, StoreMarks, StoreNotice } from './store-condition.js';

const LOOK = new Boundary('gateway.store-watch');

const LOOK_MS = 250;
/** How often a store that is not well is asked to write while no post does so. */
const ASK_MS = 1_000;

export type StoreWatchParts = Readonly<{
  marks(): StoreMarks;
  /** Whether posts wait, which ask by themselves. */
  isAsked(): boolean;
  /** Has the store write something harmless; never throws. Whoever gives the marks hears how it answers. */
  ask(): Promise<unknown>;
  tell(notice: StoreNotice): void;
}>;

/** Watches how the store stands, tells bots when that changes, and finds out that all is well again while nobody posts. */
export class StoreWatch {
  private condition: StoreCondition | undefined;
  private timer: NodeJS.Timeout | undefined;
  private asking: Promise<unknown> | undefined;
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly parts: StoreWatchParts,
    private readonly elapsed: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.timer ??= setInterval(
      LOOK.guard(() => this.lookAtStore()),
      LOOK_MS,
    ).unref();
  }

  stopWatching(): void {
    clearInterval(this.timer);
  }

  /** Looks at once: something has changed. */
  lookAtStore(): void {
    const marks = this.parts.marks();
    const before = this.condition?.kind;
    this.condition = storeCondition(marks);
    const notice = noticeOf(before, this.condition);
    if (notice) this.parts.tell(notice);
    if (this.condition.kind !== 'well' && marks.connected) this.askIfDue();
  }

  /** Whether posts can be taken now. That nothing comes from the store the log's own health says. */
  health(): Health {
    switch (this.condition?.kind) {
      case 'refusing':
        return { ready: false, detail: 'posts are refused: the event store can write nothing' };
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
