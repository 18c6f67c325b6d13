import { Samples } from '../measure/statistics.js';
import { IntervalTally } from './interval-tally.js';
import type { LoadInterval, LoadResult } from './load-plan.js';

/** Counts what happens to messages sent in the measured time, and everything that goes wrong at any time. */
export class Tally {
  private from = Infinity;
  private until = Infinity;
  private readonly delivery = new Samples();
  private readonly acknowledgement = new Samples();
  private readonly lateness = new Samples();
  private readonly refusals: Record<string, number> = {};
  private counts = { sent: 0, sentInAll: 0, acknowledged: 0, deliveredInAll: 0, settledInAll: 0 };
  private disconnects = 0;
  private readonly interval = new IntervalTally();
  private gaps = 0;
  private repeats = 0;

  /** @param members the number of receivers of each message */
  constructor(private readonly members: number) {}

  measure(from: number, until: number): void {
    this.from = from;
    this.until = until;
  }

  sent(at: number): void {
    this.interval.sent += 1;
    this.counts.sentInAll += 1;
    if (this.isMeasured(at)) this.counts.sent += 1;
  }

  late(at: number, by: number): void {
    if (this.isMeasured(at)) this.lateness.addSample(by);
  }

  acknowledged(sentAt: number, now: number): void {
    this.counts.settledInAll += 1;
    this.interval.acknowledged(now - sentAt);
    if (!this.isMeasured(sentAt)) return;
    this.counts.acknowledged += 1;
    this.acknowledgement.addSample(now - sentAt);
  }

  refused(code: string): void {
    this.counts.settledInAll += 1;
    this.interval.refused += 1;
    this.refusals[code] = (this.refusals[code] ?? 0) + 1;
  }

  delivered(sentAt: number, now: number): void {
    this.counts.deliveredInAll += 1;
    this.interval.delivered(now - sentAt);
    if (this.isMeasured(sentAt)) this.delivery.addSample(now - sentAt);
  }

  disconnected(): void {
    this.disconnects += 1;
    this.interval.disconnects += 1;
  }

  skipped(messages: number): void {
    this.gaps += messages;
  }

  repeated(): void {
    this.repeats += 1;
  }

  /** The number of deliveries still due. Negative if more came than expected. */
  get due(): number {
    const refused = Object.values(this.refusals).reduce((sum, count) => sum + count, 0);
    return (this.counts.sentInAll - refused) * this.members - this.counts.deliveredInAll;
  }

  get unanswered(): number {
    return this.counts.sentInAll - this.counts.settledInAll;
  }

  /** Returns what happened since the last call. */
  takeInterval(at: number): LoadInterval {
    return this.interval.takeInterval(at);
  }

  result(): LoadResult {
    return {
      sent: this.counts.sent,
      acknowledged: this.counts.acknowledged,
      refused: this.refusals,
      disconnects: this.disconnects,
      gaps: this.gaps,
      repeats: this.repeats,
      undelivered: this.due,
      unanswered: this.unanswered,
      delivery: this.delivery.spread(),
      acknowledgement: this.acknowledgement.spread(),
      lateness: this.lateness.spread(),
    };
  }

  private isMeasured(sentAt: number): boolean {
    return sentAt >= this.from && sentAt < this.until;
  }
}
