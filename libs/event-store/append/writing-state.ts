import { Boundary } from '#libs/platform/faults/boundary.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Clock } from '#libs/time/clock.js';

const CHANGE = new Boundary('log.writing');

/** Milliseconds for which a refusal counts. It becomes stale, because nobody may have tried to write since. */
const HOLDS_MS = 5_000;

type Refusal = Readonly<{ reason: string; at: number }>;

/** Keeps what the answers to appends reveal about the store: that it writes, or that it can't and why. */
export class WritingState {
  #refusal: Refusal | undefined;
  readonly #listeners: ((trouble: string | undefined) => void)[] = [];

  constructor(private readonly clock: Pick<Clock, 'elapsed'> = SYSTEM_CLOCK) {}

  /**
   * Why the store can't write, in its own words; undefined if it can, or if its last refusal is older than five
   * seconds.
   */
  get trouble(): string | undefined {
    const refusal = this.#refusal;
    return refusal && this.clock.elapsed() - refusal.at < HOLDS_MS ? refusal.reason : undefined;
  }

  /** Calls the listener when the store begins to refuse writes, gives another reason, or writes again. */
  onChange(listener: (trouble: string | undefined) => void): void {
    this.#listeners.push(listener);
  }

  taken(): void {
    if (this.#refusal === undefined) return;
    this.#refusal = undefined;
    this.#tell(undefined);
  }

  refused(reason: string): void {
    const isNews = this.#refusal?.reason !== reason;
    this.#refusal = { reason, at: this.clock.elapsed() };
    if (isNews) this.#tell(reason);
  }

  #tell(trouble: string | undefined): void {
    for (const listener of this.#listeners) CHANGE.run(() => listener(trouble));
  }
}
