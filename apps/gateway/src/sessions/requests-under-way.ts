/** Counts the requests of one connection that have not been answered yet. */
export class RequestsUnderWay {
  private count = 0;
  private waiting: (() => void)[] = [];

  /** @returns a function to call once when the answer has been handed to the connection */
  beginRequest(): () => void {
    this.count += 1;
    return () => {
      this.count -= 1;
      if (this.count > 0) return;
      for (const resolve of this.waiting.splice(0)) resolve();
    };
  }

  /** Resolves when no request is unanswered. */
  async answered(): Promise<void> {
    if (this.count > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
