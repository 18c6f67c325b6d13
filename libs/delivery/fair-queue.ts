import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { OnFault } from '#libs/platform/faults/boundary.js';
import type { Clock } from '#libs/time/clock.js';

const QUEUE = new Boundary('bots.queue');

type Task = Readonly<{ run(): unknown; onFault: OnFault | undefined }>;

/** Returns for how many milliseconds no other task may start after a task that took `tookMs`. */
export type Rest = (tookMs: number) => number;

/**
 * Runs a few tasks at a time, and takes turns among those on whose behalf they run: one with a thousand tasks
 * waits no longer, and delays the others no more, than one with a single task. A freed slot is used in a
 * later turn of the event loop, so that whatever came in meanwhile is handled first.
 */
export class FairQueue {
  /** The waiting tasks of each owner, in the order of their turns. */
  private readonly waiting = new Map<object | string, Task[]>();
  private restingUntil = -Infinity;
  private isToWake = false;

  constructor(
    private free: number,
    private readonly clock: Pick<Clock, 'soon' | 'elapsed' | 'after'> = SYSTEM_CLOCK,
    private readonly rest: Rest = () => 0,
  ) {}

  /**
   * Runs the task when its turn comes. It holds its slot until its result has settled. `onFault` gets the
   * error that it throws.
   */
  enqueueTask(whose: object | string, run: () => unknown, onFault?: OnFault): void {
    const task = { run, onFault };
    const tasks = this.waiting.get(whose);
    if (tasks) tasks.push(task);
    else this.waiting.set(whose, [task]);
    this.beginTask();
  }

  /** @returns whether a task could start */
  private beginTask(): boolean {
    const [turn] = this.waiting;
    if (this.free === 0 || turn === undefined || this.isResting()) return false;
    const [whose, tasks] = turn;
    const task = tasks.shift()!;
    this.waiting.delete(whose);
    if (tasks.length > 0) this.waiting.set(whose, tasks);
    this.free -= 1;
    this.clock.soon(() => void this.runTask(task));
    return true;
  }

  private isResting(): boolean {
    const left = this.restingUntil - this.clock.elapsed();
    if (left <= 0) return false;
    if (!this.isToWake) this.clock.after(left, () => this.wake());
    this.isToWake = true;
    return true;
  }

  private wake(): void {
    this.isToWake = false;
    while (this.beginTask());
  }

  private async runTask({ run, onFault }: Task): Promise<void> {
    const began = this.clock.elapsed();
    try {
      QUEUE.enter();
      const result = run();
      if (result instanceof Promise) await result;
    } catch (error) {
      QUEUE.caught(error, onFault);
    } finally {
      const now = this.clock.elapsed();
      this.restingUntil = Math.max(this.restingUntil, now + this.rest(now - began));
      this.free += 1;
      this.beginTask();
    }
  }
}
