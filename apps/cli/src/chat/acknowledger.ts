/**
 * Acknowledges the messages that were shown: one request at a time, always with the newest seq. If the
 * connection breaks, unacknowledged messages are delivered again and recognised by their seq.
 */
export class Acknowledger {
  private shown = -1;
  private told = -1;
  private telling: Promise<void> | undefined;

  /**
   * @param tell sends one acknowledgement. It rejects when no answer came; the next message causes another
   * attempt.
   */
  constructor(private readonly tell: (seq: number) => Promise<void>) {}

  shownUpTo(seq: number): void {
    this.shown = Math.max(this.shown, seq);
    this.telling ??= this.sendAcknowledgements().finally(() => (this.telling = undefined));
  }

  /** Notes that the server already has this seq, from the acknowledgement of a backlog batch. */
  toldUpTo(seq: number): void {
    this.shown = Math.max(this.shown, seq);
    this.told = Math.max(this.told, seq);
  }

  /** Resolves when no request is in progress. */
  async settled(): Promise<void> {
    await this.telling;
  }

  private async sendAcknowledgements(): Promise<void> {
    while (this.told < this.shown) {
      const seq = this.shown;
      try {
        await this.tell(seq);
      } catch {
        return;
      }
      this.told = Math.max(this.told, seq);
    }
  }
}
