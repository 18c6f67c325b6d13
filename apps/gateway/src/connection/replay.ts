import type { CatchUpLimits } from '#libs/delivery/catch-up.js';
import { FairQueue } from '#libs/delivery/fair-queue.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Clock } from '#libs/platform/clock.js';
import { LIMITS } from '#libs/protocol/limits.js';
import { LOOK_EVERY, SlowConsumers } from './slow-consumers.js';

const BATCH: CatchUpLimits = { messages: 250, weight: 256 * 1024, window: LIMITS.backlogWindow };

/** Reads of backlogs from the store that may be under way at once in this process. */
const READS = 4;

export type ReplayOptions = Readonly<{
  clock?: Clock;
  /** Messages of a channel after which its live members are looked at. */
  lookEvery?: number;
  batch?: CatchUpLimits;
}>;

/** What all connections of a gateway share while they catch up, so that none of them delays the others. */
export class Replay {
  /** One batch is made and sent at a time; live messages go in between. */
  readonly turns: FairQueue;
  readonly reads: FairQueue;
  readonly slow: SlowConsumers;
  readonly clock: Clock;
  readonly batch: CatchUpLimits;

  constructor({ clock = SYSTEM_CLOCK, lookEvery = LOOK_EVERY, batch = BATCH }: ReplayOptions = {}) {
    this.clock = clock;
    this.batch = batch;
    this.slow = new SlowConsumers(lookEvery);
    this.turns = new FairQueue(1, clock);
    this.reads = new FairQueue(READS, clock);
  }
}
