import { setTimeout as sleep } from 'node:timers/promises';

/** Time from one look whether PostgreSQL is back to the next. */
export const PROBE_EVERY_MS = 500;

/**
 * Knows whether PostgreSQL is away, so that questions need not each find out by waiting. Once a question failed for want
 * of it, a probe looks twice a second until it answers again.
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
      await sleep(PROBE_EVERY_MS, undefined, { signal: this.closing.signal, ref: false }).catch(
        () => undefined,
      );
      const back = await this.probe().then(
        () => true,
        () => false,
      );
      if (back) return;
    }
  }
}
