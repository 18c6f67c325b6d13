/** Limits how many batches may be unacknowledged. A sender waits until there is room for another one. */
export class AcknowledgementWindow {
  #underway = 0;
  #wake: () => void = () => undefined;

  constructor(
    private readonly size: number,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /**
   * Resolves when another batch may be sent, or when the signal aborts. Only one caller may wait at a time.
   */
  async waitForRoom(): Promise<void> {
    while (this.#underway >= this.size && !this.signal.aborted)
      await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  sent(): void {
    this.#underway += 1;
  }

  acknowledged(): void {
    this.#underway -= 1;
    this.#wake();
  }
}
