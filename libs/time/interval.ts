import { SYSTEM_CLOCK } from './clock.js';
import type { Cancel, Clock } from './clock.js';

/** Runs a call and takes what it throws, also later. */
export interface Guard {
  run(call: () => unknown): void;
}

/** A guard that takes nothing, for a process that ends with a fault and is started again. */
export const UNGUARDED: Guard = { run: (call) => void call() };

/**
 * Makes a call again and again, `ms` milliseconds after the one before has ended. It does not keep the process alive. A
 * call that never ends is the last one: whoever makes calls that may hang watches {@link marks}.
 */
export class Interval {
  private isRunning = false;
  private cancel: Cancel | undefined;
  private underWay: Promise<unknown> | undefined;
  private ended = 0;

  /** @param ms may be a function, which is asked before each wait */
  constructor(
    private readonly ms: number | (() => number),
    private readonly call: () => unknown,
    private readonly guard: Guard,
    private readonly clock: Pick<Clock, 'after'> = SYSTEM_CLOCK,
  ) {}

  /** Makes the first call after `ms`. Does nothing if the interval has started. */
  start(): this {
    if (!this.isRunning) {
      this.isRunning = true;
      this.schedule();
    }
    return this;
  }

  /** Makes no more calls. Resolves when one that is under way has ended, in whatever way. */
  async stop(): Promise<void> {
    this.isRunning = false;
    this.cancel?.();
    await this.underWay?.catch(() => undefined);
  }

  /** How many calls are under way (0 or 1), and how many asynchronous ones have ended, in whatever way. */
  marks(): Readonly<{ waiting: number; done: number }> {
    return { waiting: this.underWay ? 1 : 0, done: this.ended };
  }

  private schedule(): void {
    this.cancel?.();
    const ms = typeof this.ms === 'number' ? this.ms : this.ms();
    this.cancel = this.clock.after(ms, () => this.tick(), { unref: true });
  }

  private tick(): void {
    this.schedule(); // also if the call throws
    this.guard.run(() => {
      const result = this.call();
      if (!(result instanceof Promise)) return undefined;
      this.cancel?.();
      this.underWay = result.finally(() => {
        this.underWay = undefined;
        this.ended += 1;
        if (this.isRunning) this.schedule();
      });
      return this.underWay;
    });
  }
}
