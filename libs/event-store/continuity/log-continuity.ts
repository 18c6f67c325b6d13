import { LogReplaced } from '../event-store.errors.js';
import { comparePositions, formatPosition } from '../position.js';
import type { LogPosition } from '../position.js';
import type { StoredEvent } from '../stored/stored-event.js';
import { landmarkOf } from './landmark.js';
import type { Landmark } from './landmark.js';

/**
 * Checks whether the log is still the one that this process has read. A store that was away may come back with an older
 * copy. Nothing fails then: subscriptions from beyond its end are told that they have caught up and never receive
 * anything again, and all state in memory belongs to a log that no longer exists. So after each loss of the connection,
 * the newest event that was seen is looked for again before anything else is read or written.
 */
export class LogContinuity {
  #newest: StoredEvent | undefined;
  /** The newest event seen while in doubt. One connection may still work when another is lost. */
  #meanwhile: StoredEvent | undefined;
  #inDoubt = false;
  /** Number of times that the log was in doubt. */
  #doubts = 0;
  #looking: Promise<void> | undefined;
  #replaced: LogReplaced | undefined;
  #confirmations = 0;
  readonly #listeners: ((error: LogReplaced) => void)[] = [];

  constructor(private readonly isInLog: (landmark: Landmark) => Promise<boolean>) {}

  /** Position of the newest event that was seen. */
  get newest(): LogPosition | undefined {
    return this.#newest?.position;
  }

  /** Number of times that the log was found to be the same after the connection was lost. */
  get confirmations(): number {
    return this.#confirmations;
  }

  /** Records that an event of the log was seen. */
  noteEvent(event: StoredEvent): void {
    if (this.#inDoubt) this.#meanwhile = newerOf(this.#meanwhile, event);
    else this.#newest = newerOf(this.#newest, event);
  }

  /** Records that the connection was lost: the store may come back with another log. */
  connectionLost(): void {
    this.#inDoubt = this.#newest !== undefined;
    this.#doubts += 1;
  }

  /** Calls the listener once, when the log turns out to be another one. */
  onReplaced(listener: (error: LogReplaced) => void): void {
    this.#listeners.push(listener);
    if (this.#replaced) listener(this.#replaced);
  }

  /**
   * Resolves at once unless the connection was lost since the last check; then checks first.
   * @throws LogReplaced | StoreUnavailable
   */
  async requireSameLog(): Promise<void> {
    if (this.#replaced) throw this.#replaced;
    if (this.#inDoubt) await (this.#looking ??= this.#look().finally(() => (this.#looking = undefined)));
  }

  /** Records that the log was found to be another one, and returns the error for that. */
  replaced(why: string): LogReplaced {
    this.#replaced ??= new LogReplaced(
      `The event store holds another log than the one that was followed: ${why}. It was probably restored from an older copy. Restart the process, so that it reads its state again.`,
    );
    for (const listener of this.#listeners.splice(0)) listener(this.#replaced);
    return this.#replaced;
  }

  async #look(): Promise<void> {
    let doubts: number;
    do {
      doubts = this.#doubts;
      await this.#requireInLog(this.#newest!);
      if (this.#meanwhile) await this.#requireInLog(this.#meanwhile);
    } while (doubts !== this.#doubts);
    this.#inDoubt = false;
    // Events that arrived during the check came over a connection that still worked. They are looked for once that is
    // lost.
    this.#newest = newerOf(this.#meanwhile, this.#newest!);
    this.#meanwhile = undefined;
    this.#confirmations += 1;
  }

  async #requireInLog(event: StoredEvent): Promise<void> {
    const sought = landmarkOf(event);
    if (await this.isInLog(sought)) return;
    throw this.replaced(
      `event ${sought.eventId} (${sought.stream} ${sought.revision}) is not at position ${formatPosition(sought.position)} any more`,
    );
  }
}

const newerOf = (one: StoredEvent | undefined, other: StoredEvent): StoredEvent =>
  one && comparePositions(one.position, other.position) >= 0 ? one : other;
