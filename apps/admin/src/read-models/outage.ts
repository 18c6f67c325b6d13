import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { sleep } from '#libs/time/sleep.js';

/** Milliseconds between two checks whether PostgreSQL is back. */
export const PROBE_EVERY_MS = 500;

/**
 * Knows whether PostgreSQL is unreachable, so that not every query has to find out by waiting. After a query
 * failed because of it, a probe runs twice a second until PostgreSQL answers again.
 */
export class Outage {
  private probing: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly probe: () => Promise<unknown>) {}

  get isOn(): boolean {
    return this.probing !== undefined;
  }

  began(): void {
    if (this.closing.signal.aborted) return;
    this.probing ??= this.untilOver().finally(() => (this.probing = undefined));
  }

  close(): void {
    this.closing.abort();
  }

  private async untilOver(): Promise<void> {
    while (!this.closing.signal.aborted) {
      await sleep(PROBE_EVERY_MS, this.closing.signal, SYSTEM_CLOCK, { unref: true });
      const back = await this.probe().then(
        () => true,
        () => false,
      );
      if (back) return;
    }
  }
}
