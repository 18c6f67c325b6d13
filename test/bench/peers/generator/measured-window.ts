import { Samples } from '#tools/harness/measure/statistics.js';
import type { LoadFigures } from './orders.js';

/** Collects figures between two moments (`performance.now`). Each event counts at the moment it happens. */
export class MeasuredWindow {
  private readonly acknowledgement = new Samples();
  private readonly delivery = new Samples();
  private readonly lateness = new Samples();
  private counts = { acknowledged: 0, refused: 0 };

  constructor(
    private readonly from: number,
    private readonly until: number,
  ) {}

  noteLeft(now: number, lateMs: number): void {
    if (this.isOpen(now)) this.lateness.addSample(lateMs);
  }

  noteSettled(now: number, sentAt: number, error: string | undefined): void {
    if (error !== undefined) this.counts.refused += 1;
    else if (this.isOpen(now)) {
      this.counts.acknowledged += 1;
      this.acknowledgement.addSample(now - sentAt);
    }
  }

  noteDelivered(now: number, sentAt: number): void {
    if (this.isOpen(now)) this.delivery.addSample(now - sentAt);
  }

  figures(): LoadFigures {
    return {
      ...this.counts,
      acknowledgement: this.acknowledgement.spread(),
      delivery: this.delivery.spread(),
      lateness: this.lateness.spread(),
    };
  }

  private isOpen(now: number): boolean {
    return now >= this.from && now < this.until;
  }
}
