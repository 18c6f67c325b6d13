import type { IntakeLimits } from './intake-limits.js';

/** For how long a sender may still stay above its allowance. Pure: the caller says what time it is. */
export class IntakePatience {
  private since = -Infinity;
  private last = -Infinity;

  constructor(private readonly limits: Pick<IntakeLimits, 'patienceMs' | 'calmMs'>) {}

  /**
   * Notes that a sender is above its allowance at `now`, in milliseconds, and returns for how many milliseconds it may
   * stay so. The result is 0 or less when it must be dismissed.
   */
  leftMs(transport: string, now: number): number {
    if (now - this.last > this.limits.calmMs) this.since = now;
    this.last = now;
    const { websocket, polling } = this.limits.patienceMs;
    return (transport === 'polling' ? polling : websocket) - (now - this.since);
  }
}
