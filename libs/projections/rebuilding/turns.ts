/** Lets callers work one at a time, in the order in which they asked. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /**
   * Resolves with a function that gives the turn back, when it is the caller's turn. Also resolves when the signal
   * aborts, because the caller has nothing to do then. In both cases the turn must be given back.
   */
  async takeTurn(signal: AbortSignal): Promise<() => void> {
    const before = this.last;
    let giveBack!: () => void;
    const own = new Promise<void>((resolve) => (giveBack = resolve));
    this.last = Promise.all([before, own]);
    await Promise.race([before, aborted(signal)]);
    return giveBack;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
