import { MessageRing } from './message-ring.js';
import type { BatchLimits } from './message-ring.js';
import type { Place } from './place.js';

/** The size of a ring. It is large enough that a short disconnection never causes a read of the store. */
export const RING_CAPACITY: BatchLimits = { messages: 512, weight: 512 * 1024 };

/** Holds the tail of one channel as this process knows it, and the callers that wait for new messages. */
export class ChannelFeed {
  readonly ring: MessageRing;
  private waiting: { seq: number; resolve: () => void }[] = [];

  /**
   * @param channel name of the channel
   * @param tail the newest messages in order, contiguous up to `head`
   */
  constructor(
    readonly channel: string,
    tail: readonly Place[],
    head: number,
    capacity = RING_CAPACITY,
  ) {
    this.ring = new MessageRing(head - tail.length, capacity);
    for (const message of tail) this.ring.push(message);
  }

  get head(): number {
    return this.ring.head;
  }

  /**
   * Takes a message from the log or from a read of the stream, whichever comes first.
   *
   * @returns false if the message is already known
   * @throws Error when messages are missing before it
   */
  takeMessage(message: Place): boolean {
    if (message.seq <= this.head) return false;
    this.ring.push(message);
    if (this.waiting.length > 0) this.wake();
    return true;
  }

  /** Skips the messages up to a seq, because they are gone from the channel. */
  skipTo(seq: number): void {
    this.ring.skipTo(seq);
    this.wake();
  }

  /** Resolves once the message with this seq has entered the ring or was skipped. */
  waitForSeq(seq: number): Promise<void> {
    if (seq <= this.head) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ seq, resolve }));
  }

  private wake(): void {
    const due = this.waiting.filter(({ seq }) => seq <= this.head);
    this.waiting = this.waiting.filter(({ seq }) => seq > this.head);
    for (const { resolve } of due) resolve();
  }
}
