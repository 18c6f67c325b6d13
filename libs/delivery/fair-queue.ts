import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Clock } from '#libs/platform/clock.js';

/** How long a slot rests after a task that took so long, both in milliseconds. */
export type Rest = (tookMs: number) => number;

/**
 * Lets a few tasks run at a time, and takes turns among those on whose behalf they are: whoever has a thousand waits
 * no longer, and delays the others no more, than whoever has one. A slot is given on in a later turn of the event loop,
 * so that whatever came in meanwhile is dealt with first.
 */
export class FairQueue {
  /** In the order of whose turn it is. */
  private readonly waiting = new Map<object, (() => unknown)[]>();

  constructor(
    private free: number,
    private readonly clock: Pick<Clock, 'soon' | 'elapsed' | 'after'> = SYSTEM_CLOCK,
    private readonly rest: Rest = () => 0,
  ) {}

  /** Runs the task in its turn; it holds its slot until what it returns has settled. Its errors are its own to handle. */
  enter(whose: object, task: () => unknown): void {
    const tasks = this.waiting.get(whose);
    if (tasks) tasks.push(task);
    else this.waiting.set(whose, [task]);
    this.begin();
  }

  private begin(): void {
    const [turn] = this.waiting;
    if (this.free === 0 || turn === undefined) return;
    const [whose, tasks] = turn;
    const task = tasks.shift()!;
    this.waiting.delete(whose);
    if (tasks.length > 0) this.waiting.set(whose, tasks);
    this.free -= 1;
    this.clock.soon(() => void this.run(task));
  }

  private async run(task: () => unknown): Promise<void> {
    const began = this.clock.elapsed();
    try {
      const result = task();
      if (result instanceof Promise) await result;
    } finally {
      const rest = this.rest(this.clock.elapsed() - began);
      if (rest > 0) this.clock.after(rest, () => this.release());
      else this.release();
    }
  }

  private release(): void {
    this.free += 1;
    this.begin();
  }
}
