import { comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { endsWithin } from '#libs/time/deadline.js';

export type InboxLimits = Readonly<{
  /** The most events of a batch. */
  batchEvents: number;
  /** Milliseconds that the first event of a batch waits for more. */
  lingerMs: number;
  /**
   * Additional milliseconds that the batch waits if at least `fromEvents` have come. Under load a few large batches
   * cost far less than many small ones.
   */
  busy?: Readonly<{ fromEvents: number; lingerMs: number }>;
  /** Number of held events at which the subscription is made to wait. */
  capacity: number;
}>;

/**
 * The events to apply next. Every event that the projection wants at or before `upTo` is in this batch or was in an
 * earlier one.
 */
export type Batch = Readonly<{ events: readonly PositionedEvent[]; upTo: LogPosition | undefined }>;

/**
 * Holds events between the subscription, which hands over one at a time, and the runner, which wants batches. It is
 * bounded: {@link put} makes the caller wait until there is room again. Only one caller may take batches at a time.
 */
export class EventInbox {
  private events: PositionedEvent[] = [];
  private progressed: LogPosition | undefined;
  private closed = false;
  private failure: Error | undefined;
  private roomMade: (() => void)[] = [];
  private wake: (() => void) | undefined;

  constructor(private readonly limits: InboxLimits) {}

  /** @returns nothing while there is room, otherwise a promise that resolves when there is */
  put(event: PositionedEvent): void | Promise<void> {
    if (this.closed) return;
    this.events.push(event);
    if (this.events.length === 1 || this.events.length === this.limits.batchEvents) this.wake?.();
    if (this.events.length >= this.limits.capacity) {
      return new Promise((resolve) => this.roomMade.push(resolve));
    }
  }

  /** Notes that the log was searched up to here, and that every wanted event before was put in. */
  progress(position: LogPosition): void {
    this.progressed = position;
  }

  /** Ends the inbox: {@link takeBatch} throws this error once everything that was put in before is taken. */
  fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  /** Drops all events and releases all callers; a {@link takeBatch} in progress returns at once. */
  close(): void {
    this.closed = true;
    this.events = [];
    this.wake?.();
    this.makeRoom();
  }

  /**
   * Returns the next batch: as soon as it is full, or some time after its first event, or empty after `patienceMs`
   * without any event.
   */
  async takeBatch(patienceMs: number): Promise<Batch> {
    if (this.events.length === 0) await this.untilWoken(patienceMs);
    await this.linger();
    if (this.events.length === 0 && this.failure) throw this.failure;
    const events = this.events.slice(0, this.limits.batchEvents);
    this.events = this.events.slice(events.length);
    if (this.events.length < this.limits.capacity) this.makeRoom();
    return { events, upTo: this.reached(events.at(-1)?.position) };
  }

  private async linger(): Promise<void> {
    const { batchEvents, lingerMs, busy } = this.limits;
    const isOpen = (least: number): boolean =>
      this.events.length >= least && this.events.length < batchEvents;
    if (isOpen(1)) await this.untilWoken(lingerMs);
    if (busy && isOpen(busy.fromEvents)) await this.untilWoken(busy.lingerMs);
  }

  private reached(last: LogPosition | undefined): LogPosition | undefined {
    if (this.events.length > 0 || !this.progressed) return last;
    return last && comparePositions(last, this.progressed) > 0 ? last : this.progressed;
  }

  private makeRoom(): void {
    for (const resolve of this.roomMade.splice(0)) resolve();
  }

  private async untilWoken(ms: number): Promise<void> {
    if (this.closed || this.failure) return;
    await endsWithin(ms, new Promise<void>((resolve) => (this.wake = resolve)));
    this.wake = undefined;
  }
}
