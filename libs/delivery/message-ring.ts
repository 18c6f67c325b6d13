import { messageWeight } from './message-encoding.js';
import type { Place } from './place.js';

/** How much one hand-over may carry. */
export type BatchLimits = Readonly<{ messages: number; weight: number }>;

/**
 * The newest messages of one channel with the places that were set aside among them, contiguous and bounded. `head` is the seq of the last message of the channel,
 * -1 when it has none, also while the ring itself holds nothing.
 */
export class MessageRing {
  /** Slots before `start` are empty: what was given up is not held until they are cut off. */
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

  /** @throws Error when the message is not the one after `head`: a hole must never go by unseen */
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

  /** Of the messages it holds. */
  get weight(): number {
    return this.held;
  }

  /** Of a message it holds; undefined when it holds none. */
  get averageWeight(): number | undefined {
    return this.size === 0 ? undefined : this.held / this.size;
  }

  /** Goes on after a seq that lies ahead: what is between is gone from the channel, and what is held from before it with it. */
  skipTo(seq: number): void {
    if (seq <= this.last) return;
    this.clear();
    this.last = seq;
  }

  /** Gives up all it holds. It goes on from its head. */
  clear(): void {
    this.messages.length = 0;
    this.weights.length = 0;
    this.start = 0;
    this.held = 0;
  }

  /** The message with this seq, if the ring still holds it. */
  get(seq: number): Place | undefined {
    return seq < this.first ? undefined : this.messages[this.start + seq - this.first];
  }

  /** What comes after a seq, at least one message and as many as the limits allow; undefined if its start is gone. */
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

  /** Puts another message in the place of those that `change` does not return as they are. Looks at every one. */
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

  /** Frees the slots in front; done seldom, so that a push costs the same however large the ring. */
  private compact(): void {
    this.messages.splice(0, this.start);
    this.weights.splice(0, this.start);
    this.start = 0;
  }
}
