import type { MessageRing } from './message-ring.js';

/**
 * Limits the weight of all rings together, because their number is not limited. The rings that have gone
 * longest without a new message are emptied first; their messages are then read from the stream when they are
 * needed.
 */
export class RingBudget {
  private together = 0;
  /** The last weight of each ring, the least recently used first. Emptied rings are left out. */
  private readonly weights = new Map<MessageRing, number>();
  private latest: MessageRing | undefined;

  constructor(private readonly limit: number) {}

  /** Notes that a ring has received something, and empties other rings until all are within the limit. */
  noteUse(ring: MessageRing): void {
    const before = this.weights.get(ring) ?? 0;
    if (ring !== this.latest) this.weights.delete(ring);
    this.weights.set(ring, ring.weight);
    this.latest = ring;
    this.together += ring.weight - before;
    for (const [other, weight] of this.weights) {
      if (this.together <= this.limit || other === ring) return;
      this.weights.delete(other);
      this.together -= weight;
      other.clear();
    }
  }
}
