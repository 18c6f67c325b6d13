import { MILESTONES_STREAM } from '#libs/domain/stream-names.js';
import type { MilestonePassed } from '#libs/domain/audit/milestone.events.js';
import { StoreUnavailable, WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { retry } from '#libs/time/retry.js';
import { comparePositions, formatPosition, type LogPosition } from '#libs/event-store/position.js';
import type { LogSubscription } from '#libs/event-store/subscription/log-subscription.js';
import type { Marks } from '#libs/platform/watch/standstill.js';
import { Milestones, type Milestone } from './milestones.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';

type Store = Pick<EventStore, 'append' | 'readAll' | 'readStream' | 'subscribeToAll'>;

/**
 * How many checkpoints of the store lie between two milestones. The store sends one after every 256 events,
 * so milestones are 10,240 events apart.
 */
const CHECKPOINTS_APART = 40;

/**
 * Records a milestone about every ten thousand events, starting from the last one that exists. It follows the
 * log by the checkpoints that the store sends for a filtered subscription, so that the events in between are
 * not transferred. If two keepers run, only one of them records each milestone: the append of the other finds
 * that the stream has moved on, and it continues from there.
 */
export class MilestoneKeeper {
  readonly #closing = new AbortController();
  readonly #due: LogPosition[] = [];
  #last: Milestone | undefined;
  #done: Promise<void> = Promise.resolve();
  #subscription: LogSubscription | undefined;
  #wake: () => void = () => undefined;
  #passed = 0;

  constructor(
    private readonly store: Store,
    private readonly node: string,
    private readonly onFailure: (error: Error) => void,
    private readonly checkpointsApart = CHECKPOINTS_APART,
  ) {}

  start(): void {
    this.#done = this.#run().catch((error: unknown) => this.onFailure(error as Error));
  }

  async stopMilestones(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#subscription?.close();
    await this.#done;
  }

  /** Returns how many milestones are due, and how many were recorded or found to exist already. */
  marks(): Marks {
    return { waiting: this.#due.length, done: this.#passed };
  }

  async #run(): Promise<void> {
    await this.#persist(async () => (this.#last = await new Milestones(this.store).newest()));
    if (this.#closing.signal.aborted) return;
    this.#follow();
    while (!this.#closing.signal.aborted) {
      const [due] = this.#due;
      if (due) {
        await this.#persist(() => this.#set(due));
        this.#due.shift();
        this.#passed += 1;
      } else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #follow(): void {
    let passed = 0;
    this.#subscription = this.store.subscribeToAll({
      from: this.#last?.position ?? 'start',
      streamPrefixes: [MILESTONES_STREAM],
      onEvent: () => undefined,
      onProgress: (position) => {
        passed += 1;
        if (passed % this.checkpointsApart !== 0) return;
        this.#due.push(position);
        this.#wake();
      },
      onFailure: this.onFailure,
    });
  }

  /**
   * Repeats the work until it succeeds or the store refuses it for good. The store may be unreachable for any
   * time.
   */
  async #persist(work: () => Promise<unknown>): Promise<void> {
    await retry(work, (error) => error instanceof StoreUnavailable, this.#closing.signal);
  }

  async #set(due: LogPosition): Promise<void> {
    if (this.#last && comparePositions(due, this.#last.position) <= 0) return;
    // The store has already passed the event at `due`; the event just before it tells when that was.
    for await (const { position, at } of this.store.readAll({
      direction: 'backwards',
      from: due,
      limit: 1,
    })) {
      if (this.#last && comparePositions(position, this.#last.position) <= 0) return;
      await this.#append(position, at);
    }
  }

  async #append(position: LogPosition, at: Date): Promise<void> {
    const data: MilestonePassed['data'] = { position: formatPosition(position), at: at.toISOString() };
    const event = newEvent({ type: 'MilestonePassed', data }, { node: this.node });
    try {
      const expected = this.#last?.revision ?? 'no_stream';
      const { revision } = await this.store.append(MILESTONES_STREAM, [event], expected);
      this.#last = { revision, position, at };
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      this.#last = await new Milestones(this.store).newest();
    }
  }
}
