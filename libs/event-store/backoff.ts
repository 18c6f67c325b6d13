/** Waiting times between attempts, in ms: doubling from `initialMs` to `maxMs`, each drawn from its upper half. */
export class Backoff {
  #attempt = 0;

  constructor(
    private readonly limits: Readonly<{ initialMs: number; maxMs: number }> = { initialMs: 50, maxMs: 5_000 },
    /** Jitter in [0, 1), so that many waiters do not come back in one tick. */
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
