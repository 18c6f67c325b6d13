import type { EventLog } from './event-log.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel } from '#libs/time/clock.js';

export interface WalkPace {
  /** Milliseconds before the first walk, so that it does not slow down the start. */
  readonly delayMs: number;
  readonly bytesPerSecond: number;
  /** Milliseconds from the end of one walk to the next. */
  readonly restMs: number;
}

const PACE: WalkPace = { delayMs: 10_000, bytesPerSecond: 4 * 1024 * 1024, restMs: 24 * 3_600_000 };
const SHORTEST_PAUSE_MS = 20;

/**
 * Reads the whole log again and again, slowly, so that damage is reported before anybody needs the damaged data. A
 * gigabyte takes four minutes. The place of the walk is not stored: each start begins a new walk.
 */
export class DamageWalk {
  private cancelStep: Cancel | undefined;
  private stopped = false;

  constructor(
    private readonly log: Pick<EventLog, 'checkRecordsFrom'>,
    private readonly pace: WalkPace = PACE,
  ) {}

  start(): void {
    this.schedule(0, this.pace.delayMs);
  }

  stopWalk(): void {
    this.stopped = true;
    this.cancelStep?.();
  }

  private schedule(from: number, pauseMs: number): void {
    if (this.stopped) return;
    this.cancelStep = SYSTEM_CLOCK.after(pauseMs, () => void this.step(from), { unref: true });
  }

  private async step(from: number): Promise<void> {
    let next: number | undefined;
    try {
      next = await this.log.checkRecordsFrom(from);
    } catch {
      return this.schedule(from, this.pace.delayMs); // the disk does not answer now
    }
    if (next === undefined) return this.schedule(0, this.pace.restMs);
    this.schedule(next, Math.max(SHORTEST_PAUSE_MS, ((next - from) * 1000) / this.pace.bytesPerSecond));
  }
}
