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
  /** Time from which on it is retried. */
  readonly expires: number;
}

/**
 * What one group has read, sent, had answered, has to retry and to park, and how far its checkpoint may go
 * (PersistentSubscription.cs, StreamBuffer.cs). No clock and no I/O: whoever calls says the time (milliseconds)
 * and gets back what is to be done, in order. Guarantees, whatever happens in whatever order:
 * - every event taken is acknowledged, skipped, parked, or will be sent (again);
 * - a checkpoint never passes an event that is neither acknowledged, skipped nor parked on disk;
 * - no consumer has more unanswered messages than it has room for.
 */
export class SubscriptionGroup<E> {
  private readonly consumers: Consumers<E>;
  private buffer: Message<E>[] = [];
  private readonly retries: Message<E>[] = [];
  private readonly outstanding = new Map<string, Outstanding<E>>();
  /** On their way to the parked messages, by id: not done before they are there. */
  private readonly parking = new Map<string, Message<E>>();
  private effects: Effect<E>[] = [];
  private nextSequence = 0;
  private lastSequence = -1;
  private lastPosition: number | undefined;
  private checkpointSequence = -1;
  private checkpointTime = Number.NEGATIVE_INFINITY;
  /** Messages ever sent. */
  total = 0;

  /** `checkpoint`: the position up to which all is done, from an earlier run. */
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

  /** Whether a batch of so many events may be read for it. */
  canAccept(count: number): boolean {
    return this.rules.bufferSize - this.buffer.length - this.retries.length > count;
  }

  /** Events read from the log, in its order. */
  take(events: readonly IncomingEvent<E>[], now: number): Effect<E>[] {
    for (const event of events) this.buffer.push(newMessage(event));
    return this.deliver(now);
  }

  /** A filter left out so many events, the last at this position, and nothing is in between unread. */
  pass(position: number, count: number, now: number): Effect<E>[] {
    if (this.buffer.length > 0) return this.finish(); // what is before it is not even sent
    this.nextSequence += count;
    this.lastSequence = this.nextSequence - 1;
    this.lastPosition = position;
    this.markCheckpoint(now, false);
    return this.finish();
  }

  /** A consumer that takes `size` messages at a time. */
  connect(consumer: string, size: number, now: number): Effect<E>[] {
    this.consumers.add(consumer, size);
    return this.deliver(now);
  }

  /** What it had not answered goes to others. */
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

  /** `stop` only gives the message up, as on the real server (HandleNackedMessage). */
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

  /** Once a second: what was not answered in time is retried, and progress may be worth a checkpoint. */
  tick(now: number): Effect<E>[] {
    for (const { message, expires } of this.outstanding.values())
      if (expires <= now) this.retryOrPark(message, now);
    this.sendAll(now);
    this.markCheckpoint(now, true);
    return this.finish();
  }

  /** Parked messages are to be tried again, after everything that is to be retried. */
  replay(parked: readonly IncomingEvent<E>[], now: number): Effect<E>[] {
    for (const event of parked) this.retries.push({ ...newMessage(event), replayed: true });
    return this.deliver(now);
  }

  /** A message asked to be parked is on disk. */
  parked(id: string, now: number): Effect<E>[] {
    this.parking.delete(id);
    this.markCheckpoint(now, false);
    return this.finish();
  }

  /** It could not be written, so it is tried again. The real server gives it up after some attempts. */
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
      // Numbered, so that the checkpoint stays before it. (The real server loses it if it ends before it is sent.)
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
    // Of two events with the same id the second is sent, too, and done with the first (OutstandingMessageCache.cs).
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

  /** Before those of higher position, so that the order is kept as far as it can be. */
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

  /** The message of lowest sequence that is not done; those with one in the buffer are ahead of those without. */
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
