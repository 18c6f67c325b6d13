import { FairQueue } from '#libs/delivery/fair-queue.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Clock } from '#libs/platform/clock.js';
import { SlowConsumers } from './slow-consumers.js';

/** Reads of backlogs from the store that may be under way at once in this process. */
const READS = 4;

/** What all connections of a gateway share while they catch up, so that none of them delays the others. */
export class Replay {
  /** One batch is made and sent at a time; live messages go in between. */
  readonly turns: FairQueue;
  readonly reads: FairQueue;
  readonly slow = new SlowConsumers();

  constructor(readonly clock: Clock = SYSTEM_CLOCK) {
    this.turns = new FairQueue(1, clock);
    this.reads = new FairQueue(READS, clock);
  }
}
