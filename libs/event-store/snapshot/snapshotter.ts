import type { Marks } from '#libs/platform/watch/standstill.js';
import type { LogFeed } from '../log-feed.js';
import type { LogPosition } from '../position.js';
import type { LogSnapshots } from './log-snapshots.js';

/** How far the log may move beyond the last snapshot: what a start has to read again after a crash. */
export type SnapshotThresholds = Readonly<{ bytes: bigint; events: number }>;

const DEFAULT_THRESHOLDS: SnapshotThresholds = { bytes: 20n * 1024n * 1024n, events: 20_000 };
/** A start reads more of the log without them, no more. */
export const SNAPSHOTS_WATCHED = { limitMs: 60_000, isVital: false } as const;
/** A large state is saved less often, so that snapshots stay a small part of what is written. */
const EVENTS_PER_ROW = 10;

/** Saves a state when the log has moved by a lot, and at a graceful stop. That it failed is said and harmless. */
export class Snapshotter<State> {
  #saved: LogPosition;
  #handledWhenSaved = 0;
  #rows = 0;
  #saving: Promise<void> | undefined;
  #saves = 0;
  /** The last attempt has not succeeded, or not yet. */
  #isDue = false;

  constructor(
    private readonly feed: Pick<LogFeed, 'position' | 'handled' | 'onAdvance'>,
    /** The state as of the feed's position. */
    private readonly state: () => State,
    private readonly snapshots: Pick<LogSnapshots<State>, 'add'>,
    private readonly onError: (error: Error) => void,
    private readonly thresholds: SnapshotThresholds = DEFAULT_THRESHOLDS,
  ) {
    this.#saved = feed.position;
  }

  /** Call when the feed stands where it will start from. */
  start(): void {
    this.#saved = this.feed.position;
    this.#handledWhenSaved = this.feed.handled;
    this.feed.onAdvance(() => this.#saveIfDue());
  }

  /** Saves what has moved since the last time, if anything. */
  async stop(): Promise<void> {
    await this.#saving;
    if (this.feed.handled > this.#handledWhenSaved) await this.#save();
  }

  /** A snapshot that was begun or has failed waits until one is written. */
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
    this.#saved = position; // a failed attempt is not repeated before the log has moved again
    this.#handledWhenSaved = handled;
    this.#isDue = true;
    try {
      this.#rows = await this.snapshots.add({ position, state: this.state() });
      this.#isDue = false;
      this.#saves += 1;
    } catch (error) {
      this.onError(error as Error);
    }
  }
}
