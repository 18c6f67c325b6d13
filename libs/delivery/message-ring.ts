import { messageWeight } from './message-encoding.js';
import type { Place } from './place.js';

/** How much one batch may carry. */
export type BatchLimits = Readonly<{ messages: number; weight: number }>;

/**
 * Holds the newest messages of one channel, including the places that were set aside. They are contiguous and
 * limited in number and weight. `head` is the seq of the channel's last message, or -1 when it has none; the
 * ring knows it even while it holds no messages.
 */
export class MessageRing {
  /** Slots before `start` are empty, so that dropped messages can be freed before their slots are removed. */
  private readonly messages: (Place | undefined)[] = [];
  private readonly weights: number[] = [];
  private start = 0;
  private held = 0;

  constructor(
    private last: number,
    private readonly capacity: BatchLimits,
  ) {}

  get head(): number {
    return this.last;
  }

  /**
   * Adds the next message.
   *
   * @throws Error when the message does not directly follow `head`, because a gap must never go unnoticed
   */
  push(message: Place): void {
    if (message.seq !== this.last + 1) {
      throw new Error(
        `Channel ${message.channel}: message ${message.seq} came where ${this.last + 1} was due`,
      );
    }
    const weight = messageWeight(message);
    this.messages.push(message);
    this.weights.push(weight);
    this.last = message.seq;
    this.held += weight;
    while (this.size > this.capacity.messages || (this.held > this.capacity.weight && this.size > 1))
      this.shift();
    if (this.start > this.capacity.messages) this.compact();
  }

  /** The weight of all messages it holds. */
  get weight(): number {
    return this.held;
  }

  /** The average weight of the messages it holds, or undefined when it holds none. */
  get averageWeight(): number | undefined {
    return this.size === 0 ? undefined : this.held / this.size;
  }

  /**
   * Moves the head forward to a seq. The messages in between are gone from the channel, and the ring drops
   * those it holds.
   */
  skipTo(seq: number): void {
    if (seq <= this.last) return;
    this.clear();
    this.last = seq;
  }

  /** Drops all messages. The head stays where it is. */
  clear(): void {
    this.messages.length = 0;
    this.weights.length = 0;
    this.start = 0;
    this.held = 0;
  }

  /** Returns the message with this seq if the ring still holds it. */
  get(seq: number): Place | undefined {
    return seq < this.first ? undefined : this.messages[this.start + seq - this.first];
  }

  /**
   * Returns what comes after a seq: at least one message, and as many as the limits allow. Returns undefined
   * if the ring no longer holds the first of them.
   */
  after(seq: number, limits: BatchLimits): readonly Place[] | undefined {
    if (seq + 1 < this.first || seq >= this.last) return undefined;
    const from = this.start + (seq + 1 - this.first);
    let until = from;
    let weight = 0;
    while (until < this.messages.length && until - from < limits.messages) {
      weight += this.weights[until]!;
      if (weight > limits.weight && until > from) break;
      until += 1;
    }
    return this.messages.slice(from, until) as Place[];
  }

  /** Replaces every message that `change` does not return unchanged. It visits all of them. */
  rewrite(change: (message: Place) => Place): void {
    for (let at = this.start; at < this.messages.length; at += 1) {
      const before = this.messages[at]!;
      const after = change(before);
      if (after === before) continue;
      this.messages[at] = after;
      this.held += messageWeight(after) - this.weights[at]!;
      this.weights[at] = messageWeight(after);
    }
  }

  private get size(): number {
    return this.messages.length - this.start;
  }

  private get first(): number {
    return this.last - this.size + 1;
  }

  private shift(): void {
    this.held -= this.weights[this.start]!;
    this.messages[this.start] = undefined;
    this.start += 1;
  }

  /**
   * Frees the empty slots at the front. It runs rarely, so that a push costs the same however large the ring
   * is.
   */
  private compact(): void {
    this.messages.splice(0, this.start);
    this.weights.splice(0, this.start);
    this.start = 0;
  }
}
