import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Cancel, Clock } from '#libs/time/clock.js';
import type { PendingRequest } from './pending-request.js';

const DEADLINE = new Boundary('log.deadline');

/**
 * Watches requests that all have the same time to live. The oldest is always the next to expire, so one timer is
 * enough.
 */
export class Deadlines<P extends Pick<PendingRequest<unknown, never>, 'expiresAt'>> {
  readonly #watched = new Set<P>();
  #cancel: Cancel | undefined;

  constructor(
    private readonly clock: Pick<Clock, 'elapsed' | 'after'>,
    private readonly onExpired: (pending: P) => void,
  ) {}

  get empty(): boolean {
    return this.#watched.size === 0;
  }

  watch(pending: P): void {
    this.#watched.add(pending);
    this.#cancel ??= this.#arm(pending);
  }

  forget(pending: P): void {
    this.#watched.delete(pending);
    if (this.#watched.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(oldest: P): Cancel {
    const expire = DEADLINE.guard(
      () => this.#expire(),
      () => (this.#cancel = this.#arm(oldest)),
    );
    return this.clock.after(Math.max(1, oldest.expiresAt - this.clock.elapsed()), expire);
  }

  #expire(): void {
    this.#cancel = undefined;
    for (const pending of this.#watched) {
      if (pending.expiresAt > this.clock.elapsed()) {
        this.#cancel = this.#arm(pending);
        return;
      }
      this.onExpired(pending); // the callback forgets it
    }
  }
}
