import { Injectable, Optional } from '@nestjs/common';
import type { CatchUpLimits } from '#libs/delivery/catch-up.js';
import { FairQueue } from '#libs/delivery/fair-queue.js';
import { SYSTEM_CLOCK } from '#libs/platform/clock.js';
import type { Clock } from '#libs/platform/clock.js';
import { LIMITS } from '#libs/protocol/limits.js';
import { LOOK_EVERY, SlowConsumers } from './slow-consumers.js';

const BATCH: CatchUpLimits = { messages: 250, weight: 256 * 1024, window: LIMITS.backlogWindow };

/** Reads of backlogs from the store that may be under way at once in this process. */
const READS = 4;

/** While live messages flow, nothing is read for so many times as long as a read took. */
const REST = 3;

/** Live messages flow as long as the last one was sent no longer ago than this, in milliseconds. */
const FLOWING_MS = 100;

export type PaceOptions = Readonly<{
  clock?: Clock;
  /** Messages of a channel after which its live members are looked at. */
  lookEvery?: number;
  batch?: CatchUpLimits;
}>;

/** What all connections of a gateway share while they catch up, so that none of them delays the others. */
@Injectable()
export class DeliveryPace {
  /** One batch is made and sent at a time; live messages go in between. */
  readonly turns: FairQueue;
  readonly reads: FairQueue;
  readonly slow: SlowConsumers;
  readonly clock: Clock;
  readonly batch: CatchUpLimits;
  private lastLive = -Infinity;

  constructor(@Optional() { clock = SYSTEM_CLOCK, lookEvery = LOOK_EVERY, batch = BATCH }: PaceOptions = {}) {
    this.clock = clock;
    this.batch = batch;
    this.slow = new SlowConsumers(lookEvery);
    this.turns = new FairQueue(1, clock);
    // A long backlog takes a part of what it could while others are live, so that these hardly notice it.
    this.reads = new FairQueue(READS, clock, (tookMs) => (this.isFlowing() ? REST * tookMs : 0));
  }

  /** To be told of each message in the tick in which it was broadcast. */
  sent(channel: string): void {
    this.lastLive = this.clock.elapsed();
    this.slow.sent(channel);
  }

  private isFlowing(): boolean {
    return this.clock.elapsed() - this.lastLive < FLOWING_MS;
  }
}
