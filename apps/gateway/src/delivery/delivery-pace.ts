import { Injectable, Optional } from '@nestjs/common';
import type { CatchUpLimits } from '#libs/delivery/catch-up.js';
import { FairQueue } from '#libs/delivery/fair-queue.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Clock } from '#libs/time/clock.js';
import { LIMITS } from '#libs/protocol/limits.js';
import { HeldPages } from './held-pages.js';
import { LOOK_EVERY, SlowConsumers } from './slow-consumers.js';

const BATCH: CatchUpLimits = { messages: 250, weight: 256 * 1024, window: LIMITS.backlogWindow };

/** How many reads of backlog and history from the store may be in progress at once in this process. */
const READS = 4;

/** While live messages flow, no read starts for this many times as long as the last read took. */
const REST = 3;

/** Live messages count as flowing until this many milliseconds after the last one was sent. */
const FLOWING_MS = 100;

export type PaceOptions = Readonly<{
  clock?: Clock;
  /** The live members of a channel are checked after this many messages. */
  lookEvery?: number;
  batch?: CatchUpLimits;
}>;

/** Holds what all connections of a gateway share while they catch up, so that none of them delays the others. */
@Injectable()
export class DeliveryPace {
  /** One batch is made and sent at a time; live messages are sent in between. */
  readonly turns: FairQueue;
  readonly reads: FairQueue;
  /** What is read ahead of its turn. */
  readonly held = new HeldPages();
  readonly slow: SlowConsumers;
  readonly clock: Clock;
  readonly batch: CatchUpLimits;
  private lastLive = -Infinity;

  constructor(@Optional() { clock = SYSTEM_CLOCK, lookEvery = LOOK_EVERY, batch = BATCH }: PaceOptions = {}) {
    this.clock = clock;
    this.batch = batch;
    this.slow = new SlowConsumers(lookEvery);
    this.turns = new FairQueue(1, clock);
    // While other connections are live, a long backlog uses only a part of the reads it could have, so that they hardly
    // notice it.
    this.reads = new FairQueue(READS, clock, (tookMs) => (this.isFlowing() ? REST * tookMs : 0));
  }

  /** Must be called for each message, in the tick in which it was broadcast. */
  noteBroadcast(channel: string): void {
    this.lastLive = this.clock.elapsed();
    this.slow.noteBroadcast(channel);
  }

  private isFlowing(): boolean {
    return this.clock.elapsed() - this.lastLive < FLOWING_MS;
  }
}
