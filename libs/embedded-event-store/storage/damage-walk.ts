import type { EventLog } from './event-log.js';

export interface WalkPace {
  /** Milliseconds before the first walk, so that it is not in the way of a start. */
  readonly delayMs: number;
  readonly bytesPerSecond: number;
  /** Milliseconds from the end of one walk to the next. */
  readonly restMs: number;
}

const PACE: WalkPace = { delayMs: 10_000, bytesPerSecond: 4 * 1024 * 1024, restMs: 24 * 3_600_000 };
const SHORTEST_PAUSE_MS = 20;

/**
 * Reads all of the log again and again, slowly, so that damage is told by the reads before anybody needs what is damaged: a
 * gigabyte takes four minutes. Where it is, is not kept: each start begins a walk.
 */
export class DamageWalk {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly log: Pick<EventLog, 'look'>,
    private readonly pace: WalkPace = PACE,
  ) {}

  start(): void {
    this.schedule(0, this.pace.delayMs);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(from: number, pauseMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => this.step(from), pauseMs).unref();
  }

  private step(from: number): void {
    let next: number | undefined;
    try {
      next = this.log.look(from);
    } catch {
      return this.schedule(from, this.pace.delayMs); // the disk does not answer at this moment
    }
    if (next === undefined) return this.schedule(0, this.pace.restMs);
    this.schedule(next, Math.max(SHORTEST_PAUSE_MS, ((next - from) * 1000) / this.pace.bytesPerSecond));
  }
}
