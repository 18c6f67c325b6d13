import { comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';

export type InboxLimits = Readonly<{
  /** Most events of a batch. */
  batchEvents: number;
  /** How long the first event of a batch waits for more. */
  lingerMs: number;
  /** How much longer it waits when so many came meanwhile: under load a few large batches cost far less than many small ones. */
  busy?: Readonly<{ fromEvents: number; lingerMs: number }>;
  /** Events held before the subscription is made to wait. */
  capacity: number;
}>;

/** What to apply next. `upTo`: everything the projection wants at or before it is in this batch or was in one before. */
export type Batch = Readonly<{ events: readonly PositionedEvent[]; upTo: LogPosition | undefined }>;

/**
 * Between the subscription, which hands over one event at a time, and the runner, which wants batches. Bounded: a
 * {@link put} is answered only when there is room again. One taker at a time.
 */
export class EventInbox {
  private events: PositionedEvent[] = [];
  private progressed: LogPosition | undefined;
  private closed = false;
  private failure: Error | undefined;
  private roomMade: (() => void)[] = [];
  private wake: (() => void) | undefined;

  constructor(private readonly limits: InboxLimits) {}

  /** @returns nothing while there is room, else a promise kept once there is */
  put(event: PositionedEvent): void | Promise<void> {
    if (this.closed) return;
    this.events.push(event);
    if (this.events.length === 1 || this.events.length === this.limits.batchEvents) this.wake?.();
    if (this.events.length >= this.limits.capacity) {
      return new Promise((resolve) => this.roomMade.push(resolve));
    }
  }

  /** The log was searched up to here; all that was wanted before has been put in. */
  progress(position: LogPosition): void {
    this.progressed = position;
  }

  /** Ends it: {@link takeBatch} throws this once everything put in before was taken. */
  fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  /** Lets go of everything and everyone; a {@link takeBatch} under way answers at once. */
  close(): void {
    this.closed = true;
    this.events = [];
    this.wake?.();
    this.makeRoom();
  }

  /**
   * The next batch: as soon as it is full, or some time after its first event, or empty after `patienceMs` without any.
   */
  async takeBatch(patienceMs: number): Promise<Batch> {
    if (this.events.length === 0) await this.pause(patienceMs);
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
    if (isOpen(1)) await this.pause(lingerMs);
    if (busy && isOpen(busy.fromEvents)) await this.pause(busy.lingerMs);
  }

  private reached(last: LogPosition | undefined): LogPosition | undefined {
    if (this.events.length > 0 || !this.progressed) return last;
    return last && comparePositions(last, this.progressed) > 0 ? last : this.progressed;
  }

  private makeRoom(): void {
    for (const resolve of this.roomMade.splice(0)) resolve();
  }

  private async pause(ms: number): Promise<void> {
    if (this.closed || this.failure) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.wake = undefined;
  }
}
