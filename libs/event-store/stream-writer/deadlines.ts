import type { PendingRequest } from './pending-request.js';

/** Watches requests that all have the same time to live, so the oldest is always the next to expire: one timer does. */
export class Deadlines<P extends Pick<PendingRequest<unknown, never>, 'expiresAt'>> {
  readonly #watched = new Set<P>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly now: () => number,
    private readonly onExpired: (pending: P) => void,
  ) {}

  get empty(): boolean {
    return this.#watched.size === 0;
  }

  watch(pending: P): void {
    this.#watched.add(pending);
    this.#timer ??= this.#arm(pending);
  }

  forget(pending: P): void {
    this.#watched.delete(pending);
    if (this.#watched.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(oldest: P): NodeJS.Timeout {
    return setTimeout(() => this.#expire(), Math.max(1, oldest.expiresAt - this.now()));
  }

  #expire(): void {
    this.#timer = undefined;
    for (const pending of this.#watched) {
      if (pending.expiresAt > this.now()) {
        this.#timer = this.#arm(pending);
        return;
      }
      this.onExpired(pending); // which forgets it
    }
  }
}
