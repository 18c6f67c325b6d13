import type { EventLog } from './event-log.js';
import { writeTrouble } from './write-trouble.js';

/** Hears that nothing can be written, and why; undefined when it can again. */
export type WritingReport = (trouble: string | undefined) => void;

/** Milliseconds between two attempts to write while the disk takes nothing. */
const RETRY_MS = 250;
/** A fault that comes back so soon is not taken for one that has passed. */
const SOON_MS = 1_000;

/**
 * Whether the disk takes anything. After a commit that failed it is asked at once: a fault that has passed stops nobody.
 * While it takes nothing no change is tried, and it is asked again and again until it does. Nobody else uses the log
 * meanwhile.
 */
export class WriteStoppage {
  private trouble: string | undefined;
  private endedAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private asking: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly log: Pick<EventLog, 'tryWriting'>,
    private readonly report: WritingReport,
    private readonly retryMs = RETRY_MS,
  ) {}

  /** Why nothing is written now; undefined while all is well. */
  get reason(): string | undefined {
    return this.trouble;
  }

  /** A commit has failed. Resolves when others may be tried, or are not to be for now. */
  async failed(error: unknown): Promise<void> {
    this.say(writeTrouble(error));
    if (performance.now() - this.endedAt < SOON_MS) this.askLater();
    else await this.ask();
  }

  /** Resolves when the log is left alone. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.asking;
  }

  private askLater(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.asking = this.ask();
    }, this.retryMs);
  }

  private async ask(): Promise<void> {
    try {
      await this.log.tryWriting();
      this.endedAt = performance.now();
      this.say(undefined);
    } catch (error) {
      this.say(writeTrouble(error));
      this.askLater();
    }
  }

  private say(trouble: string | undefined): void {
    if (trouble !== this.trouble) this.report(trouble);
    this.trouble = trouble;
  }
}
