import { Consumers, type Consumer } from './consumers.js';
import type { GroupSettings } from './group-settings.js';
import { newMessage, type Effect, type IncomingEvent, type Message } from './message.js';

export type NackAction = 'unknown' | 'park' | 'retry' | 'skip' | 'stop';

type Rules = Pick<
  GroupSettings,
  | 'messageTimeout'
  | 'maxRetryCount'
  | 'checkpointAfter'
  | 'minCheckpointCount'
  | 'maxCheckpointCount'
  | 'maxSubscriberCount'
  | 'bufferSize'
  | 'strategy'
  | 'extraStatistics'
>;

interface Outstanding<E> {
  readonly message: Message<E>;
  /** Time at which the message is retried. */
  readonly expires: number;
}

/**
 * Keeps the state of one group: what it has read and sent, what was answered, what it has to retry and to park, and how
 * far its checkpoint may go (PersistentSubscription.cs, StreamBuffer.cs). It has no clock and no I/O: the caller passes
 * the time (milliseconds) and gets back the actions to carry out, in order. Guarantees, in any order of events:
 * - every event taken is acknowledged, skipped, parked, or will be sent (again);
 * - a checkpoint never passes an event that is neither acknowledged, skipped nor parked on disk;
 * - no consumer has more unanswered messages than it has room for.
 */
export class SubscriptionGroup<E> {
  private readonly consumers: Consumers<E>;
  private buffer: Message<E>[] = [];
  private readonly retries: Message<E>[] = [];
  private readonly outstanding = new Map<string, Outstanding<E>>();
  /** Messages on their way to the parked ones, by id. They are not done before they are written. */
  private readonly parking = new Map<string, Message<E>>();
  private effects: Effect<E>[] = [];
  private nextSequence = 0;
  private lastSequence = -1;
  private lastPosition: number | undefined;
  private checkpointSequence = -1;
  private checkpointTime = Number.NEGATIVE_INFINITY;
  /** Number of messages ever sent. */
  total = 0;

  /** @param checkpoint the position up to which an earlier run had finished everything */
  constructor(
    private readonly rules: Rules,
    checkpoint: number | undefined,
  ) {
    this.consumers = new Consumers(rules.strategy, rules.extraStatistics);
    if (checkpoint === undefined) return;
    this.nextSequence = 1;
    this.lastSequence = 0;
    this.checkpointSequence = 0;
    this.lastPosition = checkpoint;
  }

  get consumerList(): readonly Consumer<E>[] {
    return this.consumers.all;
  }

  get isFull(): boolean {
    return this.rules.maxSubscriberCount > 0 && this.consumers.count >= this.rules.maxSubscriberCount;
  }

  get counts(): { readonly buffered: number; readonly retrying: number; readonly outstanding: number } {
    return {
      buffered: this.buffer.length,
      retrying: this.retries.length,
      outstanding: this.outstanding.size,
    };
  }

  /** Returns whether there is room for a batch of this many events. */
  canAccept(count: number): boolean {
    return this.rules.bufferSize - this.buffer.length - this.retries.length > count;
  }

  /** Accepts events read from the log, in its order. */
  takeEvents(events: readonly IncomingEvent<E>[], now: number): Effect<E>[] {
    for (const event of events) this.buffer.push(newMessage(event));
    return this.deliver(now);
  }

  /**
   * Skips events that a filter left out: `count` of them, the last one at this position, with no unread event between
   * them.
   */
  pass(position: number, count: number, now: number): Effect<E>[] {
    if (this.buffer.length > 0) return this.finish(); // events before them are not even sent
    this.nextSequence += count;
    this.lastSequence = this.nextSequence - 1;
    this.lastPosition = position;
    this.markCheckpoint(now, false);
    return this.finish();
  }

  /** Adds a consumer that accepts `size` messages at a time. */
  connect(consumer: string, size: number, now: number): Effect<E>[] {
    this.consumers.addConsumer(consumer, size);
    return this.deliver(now);
  }

  /** Removes a consumer. Its unanswered messages go to others. */
  disconnect(consumer: string, now: number): Effect<E>[] {
    const lost = this.consumers.remove(consumer).toSorted((a, b) => a.position - b.position);
    for (const message of lost) if (this.outstanding.has(message.id)) this.retry(message, now);
    return this.deliver(now);
  }

  ack(ids: readonly string[], now: number): Effect<E>[] {
    for (const id of ids) this.settle(id, now);
    this.markCheckpoint(now, false);
    return this.deliver(now);
  }

  /** Handles refused messages. `stop` only gives the message up, as on the real server (HandleNackedMessage). */
  nack(ids: readonly string[], action: NackAction, reason: string, now: number): Effect<E>[] {
    for (const id of ids) {
      const message = this.outstanding.get(id)?.message;
      if (!message) continue;
      if (action === 'park') this.park(message, `Client explicitly NAK'ed message.\n${reason}`, now);
      else if (action === 'retry' || action === 'unknown') this.retryOrPark(message, now);
      else this.settle(id, now);
    }
    this.markCheckpoint(now, false);
    return this.deliver(now);
  }

  /** Called once a second. Retries messages that were not answered in time, and writes a checkpoint if one is due. */
  tick(now: number): Effect<E>[] {
    for (const { message, expires } of this.outstanding.values())
      if (expires <= now) this.retryOrPark(message, now);
    this.sendAll(now);
    this.markCheckpoint(now, true);
    return this.finish();
  }

  /** Queues parked messages for another attempt, after everything that is to be retried. */
  replay(parked: readonly IncomingEvent<E>[], now: number): Effect<E>[] {
    for (const event of parked) this.retries.push({ ...newMessage(event), replayed: true });
    return this.deliver(now);
  }

  /** Records that a message was parked on disk. */
  parked(id: string, now: number): Effect<E>[] {
    this.parking.delete(id);
    this.markCheckpoint(now, false);
    return this.finish();
  }

  /** Retries a message that could not be parked. The real server gives it up after some attempts. */
  notParked(id: string, now: number): Effect<E>[] {
    const message = this.parking.get(id);
    this.parking.delete(id);
    if (message) this.insertRetry(message);
    return this.deliver(now);
  }

  private deliver(now: number): Effect<E>[] {
    this.sendAll(now);
    return this.finish();
  }

  private sendAll(now: number): void {
    this.sendFrom(this.retries, now);
    this.sendFrom(this.buffer, now);
  }

  private sendFrom(queue: Message<E>[], now: number): void {
    const kept: Message<E>[] = [];
    let looked = 0;
    for (; looked < queue.length; looked += 1) {
      const message = queue[looked]!;
      const choice = this.consumers.choose(message.pin);
      if (choice === 'full') break;
      // It gets its number now, so that the checkpoint stays before it. (The real server loses it when it ends before
      // sending it.)
      if (choice === 'later') kept.push(this.numbered(message));
      else this.send(message, choice.consumer, now);
    }
    if (looked > 0) queue.splice(0, looked, ...kept);
  }

  private send(queued: Message<E>, consumer: string, now: number): void {
    const message = this.numbered(queued);
    this.total += 1;
    this.consumers.sent(consumer, message, now);
    this.effects.push({ kind: 'push', consumer, message });
    // Of two events with the same id the second is sent too, and is done when the first is
    // (OutstandingMessageCache.cs).
    if (this.outstanding.has(message.id)) return;
    this.outstanding.set(message.id, { message, expires: now + this.rules.messageTimeout });
  }

  private numbered(message: Message<E>): Message<E> {
    if (message.replayed || message.sequence !== undefined) return message;
    const sequence = this.nextSequence;
    const numbered = { ...message, sequence, previous: this.lastPosition };
    this.nextSequence += 1;
    this.lastSequence = sequence;
    this.lastPosition = message.position;
    return numbered;
  }

  private retryOrPark(message: Message<E>, now: number): void {
    if (message.retries < this.rules.maxRetryCount) this.retry(message, now);
    else this.park(message, `Reached retry count of ${this.rules.maxRetryCount}`, now);
  }

  private retry(message: Message<E>, now: number): void {
    this.settle(message.id, now);
    this.insertRetry({ ...message, retries: message.retries + 1 });
  }

  /** Inserts the message before those of a higher position, to keep the order as far as possible. */
  private insertRetry(message: Message<E>): void {
    const at = message.replayed
      ? -1
      : this.retries.findIndex((other) => !other.replayed && other.position > message.position);
    if (at < 0) this.retries.push(message);
    else this.retries.splice(at, 0, message);
  }

  private park(message: Message<E>, reason: string, now: number): void {
    this.settle(message.id, now);
    this.parking.set(message.id, message);
    this.effects.push({ kind: 'park', message, reason });
  }

  private settle(id: string, now: number): void {
    this.outstanding.delete(id);
    this.consumers.done(id, now);
  }

  private markCheckpoint(now: number, timed: boolean): void {
    const { checkpointAfter, minCheckpointCount, maxCheckpointCount } = this.rules;
    const least = timed && checkpointAfter > 0 ? Math.max(1, minCheckpointCount) : maxCheckpointCount;
    if (this.lastSequence - this.checkpointSequence < Math.min(least, maxCheckpointCount)) return;
    const first = this.firstUndone();
    const sequence = first ? first.sequence! - 1 : this.lastSequence;
    const position = first ? first.previous : this.lastPosition;
    if (position === undefined) return;
    const progress = sequence - this.checkpointSequence;
    const many = progress >= maxCheckpointCount;
    const due = checkpointAfter > 0 && now - this.checkpointTime >= checkpointAfter;
    if (progress <= 0 || !(many || (due && timed && progress >= minCheckpointCount))) return;
    this.checkpointTime = now;
    this.checkpointSequence = sequence;
    this.effects.push({ kind: 'checkpoint', position });
  }

  /**
   * Returns the message with the lowest number that is not done. In the buffer, numbered messages come before the
   * others.
   */
  private firstUndone(): Message<E> | undefined {
    let first: Message<E> | undefined;
    const look = (message: Message<E>): void => {
      if (message.sequence === undefined) return;
      if (first === undefined || message.sequence < first.sequence!) first = message;
    };
    for (const { message } of this.outstanding.values()) look(message);
    for (const message of this.retries) look(message);
    if (this.buffer[0]) look(this.buffer[0]);
    for (const message of this.parking.values()) look(message);
    return first;
  }

  private finish(): Effect<E>[] {
    const { effects } = this;
    this.effects = [];
    return effects;
  }
}
