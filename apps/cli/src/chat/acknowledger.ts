/**
 * Tells the server up to where messages were shown: one request at a time, each with the newest seq. What is not told
 * when the line is cut comes again, and is recognised by its seq.
 */
export class Acknowledger {
  private shown = -1;
  private told = -1;
  private telling: Promise<void> | undefined;

  /** `tell` rejects when no answer came; it is asked again with the next message. */
  constructor(private readonly tell: (seq: number) => Promise<void>) {}

  shownUpTo(seq: number): void {
    this.shown = Math.max(this.shown, seq);
    this.telling ??= this.run().finally(() => (this.telling = undefined));
  }

  /** The server has it already, by the answer to a batch of backlog. */
  toldUpTo(seq: number): void {
    this.shown = Math.max(this.shown, seq);
    this.told = Math.max(this.told, seq);
  }

  /** Resolves when no request is under way. */
  async settled(): Promise<void> {
    await this.telling;
  }

  private async run(): Promise<void> {
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
