import { LogReplaced } from '../event-store.errors.js';
import { comparePositions, formatPosition } from '../position.js';
import type { LogPosition } from '../position.js';
import type { StoredEvent } from '../stored/stored-event.js';
import { landmarkOf } from './landmark.js';
import type { Landmark } from './landmark.js';

/**
 * Whether the log is still the one that this process has read. A store that was away may come back with an older copy:
 * nothing fails then, subscriptions from beyond its end are told that they are level and never hear anything again, and
 * all that was folded in memory is of a log that is no more. So after each loss of the connection the newest event that
 * was seen is looked for again, before anything else is asked or written.
 */
export class LogContinuity {
  #newest: StoredEvent | undefined;
  /** The newest that was seen while in doubt: one connection may stand when another is lost. */
  #meanwhile: StoredEvent | undefined;
  #inDoubt = false;
  /** How often there was doubt. */
  #doubts = 0;
  #looking: Promise<void> | undefined;
  #replaced: LogReplaced | undefined;
  #confirmations = 0;
  readonly #listeners: ((error: LogReplaced) => void)[] = [];

  constructor(private readonly isInLog: (landmark: Landmark) => Promise<boolean>) {}

  /** Where the newest event lies that was seen. */
  get newest(): LogPosition | undefined {
    return this.#newest?.position;
  }

  /** How often the log was found to be the same after a loss of the connection. */
  get confirmations(): number {
    return this.#confirmations;
  }

  /** An event of the log was seen. */
  note(event: StoredEvent): void {
    if (this.#inDoubt) this.#meanwhile = newerOf(this.#meanwhile, event);
    else this.#newest = newerOf(this.#newest, event);
  }

  /** The connection was lost: what is there when it is back may be another log. */
  doubt(): void {
    this.#inDoubt = this.#newest !== undefined;
    this.#doubts += 1;
  }

  /** Told once, when the log turns out to be another. */
  onReplaced(listener: (error: LogReplaced) => void): void {
    this.#listeners.push(listener);
    if (this.#replaced) listener(this.#replaced);
  }

  /**
   * Resolves at once unless the connection was lost since the last time.
   * @throws LogReplaced | StoreUnavailable
   */
  async require(): Promise<void> {
    if (this.#replaced) throw this.#replaced;
    if (this.#inDoubt) await (this.#looking ??= this.#look().finally(() => (this.#looking = undefined)));
  }

  /** The log was found to be another. */
  replaced(why: string): LogReplaced {
    this.#replaced ??= new LogReplaced(
      `The event store holds another log than the one that was followed: ${why}. It was probably restored from an older copy. Start again: what is kept in memory is then read anew.`,
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
    // What came during the look came by a connection that stood. Once that is lost, it is looked for.
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
