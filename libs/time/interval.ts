import { SYSTEM_CLOCK } from './clock.js';
import type { Cancel, Clock } from './clock.js';

/** Runs a call and takes what it throws, also later. */
export interface Guard {
  run(call: () => unknown): void;
}

/** A guard that takes nothing, for a process that ends with a fault and is started again. */
export const UNGUARDED: Guard = { run: (call) => void call() };

/**
 * Makes a call every `ms` milliseconds, but never while the one before is still under way. It does not keep the process
 * alive.
 */
export class Interval {
  private cancel: Cancel | undefined;
  private underWay: Promise<unknown> | undefined;

  constructor(
    private readonly ms: number,
    private readonly call: () => unknown,
    private readonly guard: Guard,
    private readonly clock: Pick<Clock, 'after'> = SYSTEM_CLOCK,
  ) {}

  /** Makes the first call after `ms`. Does nothing if the interval has started. */
  start(): this {
    this.cancel ??= this.next();
    return this;
  }

  /** Makes no more calls. Resolves when one that is under way has ended, in whatever way. */
  async stop(): Promise<void> {
    this.cancel?.();
    this.cancel = undefined;
    await this.underWay?.catch(() => undefined);
  }

  private next(): Cancel {
    return this.clock.after(this.ms, () => this.tick(), { unref: true });
  }

  private tick(): void {
    this.cancel = this.next();
    if (this.underWay) return;
    this.guard.run(() => {
      const result = this.call();
      if (!(result instanceof Promise)) return;
      this.underWay = result.finally(() => (this.underWay = undefined));
      return this.underWay;
    });
  }
}
