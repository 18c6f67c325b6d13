import type { Marks } from '#libs/platform/watch/standstill.js';
import type { LogFeed } from '../log-feed.js';
import type { LogPosition } from '../position.js';
import type { LogSnapshots } from './log-snapshots.js';

/** How far the log may move beyond the last snapshot. A start after a crash has to read that much again. */
export type SnapshotThresholds = Readonly<{ bytes: bigint; events: number }>;

const DEFAULT_THRESHOLDS: SnapshotThresholds = { bytes: 20n * 1024n * 1024n, events: 20_000 };
/** Watch settings: without snapshots a start only reads more of the log. */
export const SNAPSHOTS_WATCHED = { limitMs: 60_000, isVital: false } as const;
/**
 * Events per row of the state between two snapshots. A large state is saved less often, so that snapshots stay a small
 * part of all writes.
 */
const EVENTS_PER_ROW = 10;

/** Saves a state when the log has moved by a lot, and at a graceful stop. A failure is reported and harmless. */
export class Snapshotter<State> {
  #saved: LogPosition;
  #handledWhenSaved = 0;
  #rows = 0;
  #saving: Promise<void> | undefined;
  #saves = 0;
  /** Whether the last attempt has failed or is still running. */
  #isDue = false;

  constructor(
    private readonly feed: Pick<LogFeed, 'position' | 'handled' | 'onAdvance'>,
    /** Returns the state at the feed's position. */
    private readonly state: () => State,
    private readonly snapshots: Pick<LogSnapshots<State>, 'appendSnapshot'>,
    private readonly onError: (error: Error) => void,
    private readonly thresholds: SnapshotThresholds = DEFAULT_THRESHOLDS,
  ) {
    this.#saved = feed.position;
  }

  /** Call this when the feed is at the position where it will start. */
  start(): void {
    this.#saved = this.feed.position;
    this.#handledWhenSaved = this.feed.handled;
    this.feed.onAdvance(() => this.#saveIfDue());
  }

  /** Saves the state if it has changed since the last snapshot. */
  async stopSnapshots(): Promise<void> {
    await this.#saving;
    if (this.feed.handled > this.#handledWhenSaved) await this.#save();
  }

  /** Reports a snapshot as waiting from its first attempt until it is written. */
  marks(): Marks {
    return { waiting: this.#isDue ? 1 : 0, done: this.#saves };
  }

  #saveIfDue(): void {
    if (this.#saving) return;
    const events = this.feed.handled - this.#handledWhenSaved;
    const due =
      events > Math.max(this.thresholds.events, EVENTS_PER_ROW * this.#rows) ||
      (events > EVENTS_PER_ROW * this.#rows &&
        this.feed.position.commit - this.#saved.commit > this.thresholds.bytes);
    if (due) this.#saving = this.#save().finally(() => (this.#saving = undefined));
  }

  async #save(): Promise<void> {
    const { position, handled } = this.feed;
    this.#saved = position; // a failed attempt is repeated only after the log has moved again
    this.#handledWhenSaved = handled;
    this.#isDue = true;
    try {
      this.#rows = await this.snapshots.appendSnapshot({ position, state: this.state() });
      this.#isDue = false;
      this.#saves += 1;
    } catch (error) {
      this.onError(error as Error);
    }
  }
}
