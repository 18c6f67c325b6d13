import type { EventLog } from './event-log.js';
import { writeTrouble } from './write-trouble.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Cancel } from '#libs/time/clock.js';

/** Called with the reason when nothing can be written; with undefined when writing works again. */
export type WritingReport = (trouble: string | undefined) => void;

/** Milliseconds between two attempts to write while the disk accepts nothing. */
const RETRY_MS = 250;
/** Milliseconds within which a fault that returns does not count as having passed. */
const SOON_MS = 1_000;

/**
 * Finds out whether the disk accepts writes. After a failed commit it tests the disk at once, so that a passing fault
 * stops nobody. While the disk accepts nothing, no change is tried, and the disk is tested again and again until it
 * does. Nobody else uses the log meanwhile.
 */
export class WriteStoppage {
  private trouble: string | undefined;
  private endedAt = Number.NEGATIVE_INFINITY;
  private cancelAsking: Cancel | undefined;
  private asking: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly log: Pick<EventLog, 'tryWriting'>,
    private readonly report: WritingReport,
    private readonly retryMs = RETRY_MS,
  ) {}

  /** Why nothing is written now; undefined while writing works. */
  get reason(): string | undefined {
    return this.trouble;
  }

  /** Reports a failed commit. Resolves when the next one may be tried, or has to wait for the disk. */
  async commitFailed(error: unknown): Promise<void> {
    this.reportTrouble(writeTrouble(error));
    if (performance.now() - this.endedAt < SOON_MS) this.askLater();
    else await this.testDisk();
  }

  /** Resolves when the log is no longer being tested. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelAsking?.();
    await this.asking;
  }

  private askLater(): void {
    if (this.closed) return;
    this.cancelAsking = SYSTEM_CLOCK.after(this.retryMs, () => {
      this.asking = this.testDisk();
    });
  }

  private async testDisk(): Promise<void> {
    try {
      await this.log.tryWriting();
      this.endedAt = performance.now();
      this.reportTrouble(undefined);
    } catch (error) {
      this.reportTrouble(writeTrouble(error));
      this.askLater();
    }
  }

  private reportTrouble(trouble: string | undefined): void {
    if (trouble !== this.trouble) this.report(trouble);
    this.trouble = trouble;
  }
}
