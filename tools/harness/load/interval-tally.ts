import { Samples } from '../measure/statistics.js';
import type { LoadInterval } from './load-plan.js';

/** Counts what happens in one interval, and starts again for the next. */
export class IntervalTally {
  sent = 0;
  refused = 0;
  disconnects = 0;
  private acknowledgement = new Samples(1 << 10);
  private delivery = new Samples(1 << 13);

  acknowledged(afterMs: number): void {
    this.acknowledgement.addSample(afterMs);
  }

  delivered(afterMs: number): void {
    this.delivery.addSample(afterMs);
  }

  /** Returns the counts and starts a new interval. @param at the end of the interval, in seconds since the load began */
  takeInterval(at: number): LoadInterval {
    const delivery = this.delivery.spread();
    const acknowledgement = this.acknowledgement.spread();
    const { sent, refused, disconnects } = this;
    this.sent = this.refused = this.disconnects = 0;
    this.delivery.clear();
    this.acknowledgement.clear();
    return {
      at,
      sent,
      refused,
      disconnects,
      acknowledged: acknowledgement.samples,
      delivered: delivery.samples,
      delivery,
      acknowledgement,
    };
  }
}
