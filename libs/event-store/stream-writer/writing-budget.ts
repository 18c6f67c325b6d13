import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Clock } from '#libs/time/clock.js';
import type { Marks } from '#libs/platform/watch/standstill.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { sleep } from '#libs/time/sleep.js';
import { SilenceWatch } from './silence-watch.js';

/** A request that waits for the store. */
export interface WaitingRequest {
  refuse(error: Error): void;
}

export type BudgetLimits = Readonly<{
  /** Requests that may wait in this process while the store can't be reached. */
  whileUnreachable: number;
  /** Requests that may wait while it can be reached. */
  whileReachable: number;
}>;

const DEFAULT_LIMITS: BudgetLimits = { whileUnreachable: 100, whileReachable: 10_000 };

/**
 * Limits how many requests may wait for the store, over all writers of a process. The writers report whether the store
 * answers; others that know (the subscription to the log) may report it too.
 */
export class WritingBudget {
  /** Waiting requests in order of arrival. */
  readonly #waiting = new Set<WaitingRequest>();
  readonly #wakeUps = new Set<() => void>();
  readonly #silence: SilenceWatch;
  #reachable = true;
  #answers = 0;
  #lostAt: number | undefined;

  constructor(
    private readonly limits: BudgetLimits = DEFAULT_LIMITS,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    this.#silence = new SilenceWatch(clock, () => this.storeLost());
  }

  get reachable(): boolean {
    return this.#reachable;
  }

  /** Reports how many requests wait, and how often the store has answered. */
  marks(): Marks {
    return { waiting: this.#waiting.size, done: this.#answers };
  }

  /** Milliseconds for which nobody has been answered; 0 while the store answers. */
  get lostForMs(): number {
    return this.#lostAt === undefined ? 0 : this.clock.elapsed() - this.#lostAt;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** @throws StoreUnavailable when the queue is full */
  addRequest(request: WaitingRequest): void {
    const limit = this.#reachable ? this.limits.whileReachable : this.limits.whileUnreachable;
    if (this.#waiting.size >= limit) throw queueFull(this.#reachable);
    this.#waiting.add(request);
  }

  removeRequest(request: WaitingRequest): void {
    this.#waiting.delete(request);
  }

  /**
   * Watches a request to the store. A store that lets everybody wait too long counts as lost until it answers somebody.
   */
  watchAnswer<T>(asked: Promise<T>): Promise<T> {
    return this.#silence.watchPromise(asked);
  }

  /** Reports that the store answers. Writers that wait to try again do so now. */
  storeReached(): void {
    this.#reachable = true;
    this.#answers += 1;
    this.#lostAt = undefined;
    this.#silence.heard();
    for (const wake of this.#wakeUps) wake();
  }

  /** Reports that the store does not answer. The newest requests beyond the smaller limit are refused. */
  storeLost(): void {
    this.#reachable = false;
    this.#lostAt ??= this.clock.elapsed();
    const excess = [...this.#waiting].slice(this.limits.whileUnreachable);
    for (const request of excess) request.refuse(queueFull(false));
  }

  /**
   * Waits `ms`, or until the store is reached or the signal aborts, whichever is first. A writer whose own attempts
   * fail while those of others succeed is not woken at once, because it would then try in a tight loop.
   */
  async restBeforeRetry(ms: number, signal: AbortSignal): Promise<void> {
    const least = Math.min(ms, LEAST_PAUSE_MS);
    await sleep(least, signal, this.clock);
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.#wakeUps.add(wake);
    await sleep(ms - least, AbortSignal.any([signal, woken.signal]), this.clock);
    this.#wakeUps.delete(wake);
  }
}

const LEAST_PAUSE_MS = 50;

const queueFull = (reachable: boolean): StoreUnavailable =>
  new StoreUnavailable(
    reachable
      ? 'Too many requests wait for the event store'
      : 'The event store cannot be reached and too many requests wait for it',
  );
