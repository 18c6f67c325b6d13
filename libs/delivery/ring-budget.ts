import type { MessageRing } from './message-ring.js';

/**
 * What the rings of all channels may weigh together: each is bounded, their number is not. Those that nothing was put
 * into for longest are emptied first; what was in them is read from the stream when it is wanted.
 */
export class RingBudget {
  private together = 0;
  /** What each weighed last, those used longest ago first. What was emptied since is left out. */
  private readonly weights = new Map<MessageRing, number>();
  private latest: MessageRing | undefined;

  constructor(private readonly limit: number) {}

  /** Takes note of a ring that something was put into, and empties others until all are within the limit. */
  used(ring: MessageRing): void {
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
