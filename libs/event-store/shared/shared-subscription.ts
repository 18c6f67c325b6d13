import { comparePositions } from '../position.js';
import type { LogPosition } from '../position.js';
import type { LogSubscription, SubscribeToAll } from '../subscription/log-subscription.js';
import type { HeldEvent, RecentEvents } from './recent-events.js';

/**
 * Connects a subscription to what it shares with others, and gives it a subscription of its own when it can't share.
 */
export type Sharing = Readonly<{
  recent: RecentEvents;
  subscribeAlone(options: SubscribeToAll): LogSubscription;
  /** Adds a subscription to those that get progress and new events. Returns false when the feed is not connected. */
  join(subscription: SharedSubscription): boolean;
  part(subscription: SharedSubscription): void;
}>;

/**
 * A catch-up subscription that reads by itself until it has reached the head of the log, and then uses the shared feed.
 * It switches at a position in either direction, so no event is missed or handed over twice.
 */
export class SharedSubscription implements LogSubscription {
  #alone: LogSubscription | undefined;
  #ended: Promise<void> = Promise.resolve();
  #position: LogPosition | undefined;
  #isLevel = false;
  /** Number of the next event among the recent ones; undefined while it reads by itself. */
  #next: number | undefined;
  /** Resolves when the subscriber is done with the event that it is handling. */
  #handling: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly options: SubscribeToAll,
    private readonly sharing: Sharing,
  ) {
    this.#readAlone(options.from);
  }

  async close(): Promise<void> {
    this.#end();
    await this.#ended;
    await this.#handling;
  }

  /** Hands over the recent events, until the subscriber asks to wait. */
  drain(): void {
    while (this.#next !== undefined && !this.#handling && this.#next < this.sharing.recent.end) {
      const held = this.sharing.recent.at(this.#next);
      if (!held) return this.goAlone();
      this.#next += 1;
      this.#handOver(held);
    }
  }

  /** Reports that everything in the log up to here was offered. */
  progress(position: LogPosition): void {
    if (this.#handling || this.#next !== this.sharing.recent.end) return;
    try {
      this.#advance(position);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Continues with a subscription of its own, after the last event that was handled. */
  goAlone(): void {
    this.sharing.part(this);
    this.#next = undefined;
    if (!this.#handling && !this.#closed) this.#readAlone(this.#position!);
  }

  #readAlone(from: SubscribeToAll['from']): void {
    const { options } = this;
    this.#isLevel = false;
    this.#alone = this.sharing.subscribeAlone({
      ...options,
      from,
      onProgress: (position) => {
        this.#advance(position);
        this.#share();
      },
      onCaughtUp: () => {
        this.#isLevel = true;
        options.onCaughtUp?.();
        this.#share();
      },
      onConnectionChange: (state, error) => {
        if (state === 'reconnecting') this.#isLevel = false;
        options.onConnectionChange?.(state, error);
      },
    });
  }

  #share(): void {
    if (!this.#isLevel || this.#closed || !this.#alone || !this.#position) return;
    const next = this.sharing.recent.firstAfter(this.#position);
    if (next === undefined || !this.sharing.join(this)) return;
    this.#ended = this.#alone.close();
    this.#alone = undefined;
    this.#next = next;
    this.drain();
  }

  #handOver({ event, stored }: HeldEvent): void {
    if (this.#isHandled(event.position)) return; // its own subscription had come further than the shared feed
    try {
      const wanted = this.options.streamPrefixes?.some((prefix) => event.stream.startsWith(prefix));
      const handled = wanted ? this.options.onEvent(event, stored) : undefined;
      if (!(handled instanceof Promise)) return this.#advance(event.position);
      this.#handling = handled.then(
        () => this.#handled(event.position),
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #handled(position: LogPosition): void {
    this.#handling = undefined;
    this.#advance(position);
    if (this.#closed) return;
    if (this.#next === undefined) this.#readAlone(position);
    else this.drain();
  }

  #advance(position: LogPosition): void {
    if (this.#isHandled(position)) return;
    this.#position = position;
    if (!this.#closed) this.options.onProgress?.(position);
  }

  #isHandled(position: LogPosition): boolean {
    return this.#position !== undefined && comparePositions(position, this.#position) <= 0;
  }

  #fail(error: unknown): void {
    this.#handling = undefined;
    if (this.#closed) return;
    this.#end();
    this.options.onFailure?.(error instanceof Error ? error : new Error(String(error)));
  }

  #end(): void {
    this.#closed = true;
    this.#next = undefined;
    this.sharing.part(this);
    if (this.#alone) this.#ended = this.#alone.close();
  }
}
