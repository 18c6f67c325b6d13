/**
 * Computes the waits between attempts, in ms. They double from `initialMs` to `maxMs`; each wait is drawn from the
 * upper half of its range.
 */
export class Backoff {
  #attempt = 0;

  constructor(
    private readonly limits: Readonly<{ initialMs: number; maxMs: number }> = { initialMs: 50, maxMs: 5_000 },
    /** Returns jitter in [0, 1), so that many waiters do not come back in one tick. */
    private readonly random: () => number = Math.random,
  ) {}

  next(): number {
    const { initialMs, maxMs } = this.limits;
    const full = Math.min(maxMs, initialMs * 2 ** Math.min(this.#attempt++, 30));
    return full * (0.5 + this.random() / 2);
  }

  reset(): void {
    this.#attempt = 0;
  }
}
