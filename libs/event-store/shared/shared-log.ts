import type { EventStore } from '../event-store.js';
import type { LogFeed } from '../log-feed.js';
import type { LogSubscription, SubscribeToAll } from '../subscription/log-subscription.js';
import { RecentEvents } from './recent-events.js';
import type { HeldEvent } from './recent-events.js';
import { SharedSubscription } from './shared-subscription.js';

/**
 * How many events a subscriber may be behind the newest one and still be served from memory. Kept small, because each
 * event stays in memory after its last use.
 */
const RECENT_EVENTS = 64;

type Store = Pick<
  EventStore,
  'readAll' | 'readStored' | 'subscribeToAll' | 'setAside' | 'landmarkAt' | 'landmarkOf' | 'holds'
>;
type Feed = Pick<LogFeed, 'listen' | 'onAdvance' | 'onStateChange' | 'onFailure'>;

/**
 * Gives several subscribers of a process access to the log. Subscribers that have caught up are served by the process's
 * one {@link LogFeed}, so that each event is sent and decoded once. A subscriber that is further behind has a
 * subscription of its own until it has caught up, and no subscriber holds up another.
 */
export class SharedLog {
  readonly #recent: RecentEvents;
  readonly #level = new Set<SharedSubscription>();
  readonly #prefixes = new Set<string>();
  #isWell = false;

  constructor(
    private readonly store: Store,
    private readonly feed: Feed,
    recentEvents = RECENT_EVENTS,
  ) {
    this.#recent = new RecentEvents(recentEvents);
    feed.onStateChange((state) => (state === 'connected' ? (this.#isWell = true) : this.#partAll()));
    feed.onFailure(() => this.#partAll());
    feed.onAdvance((position) => {
      this.#recent.beginAfter(position);
      for (const subscription of this.#level) subscription.progress(position);
    });
  }

  /**
   * Makes the feed bring the streams with these prefixes. Only subscriptions to some of them can share the feed.
   * @throws Error once the feed has started
   */
  bring(prefixes: readonly string[]): void {
    const missing = prefixes.filter((prefix) => !this.#prefixes.has(prefix));
    if (missing.length === 0) return;
    this.feed.listen({
      prefixes: missing,
      onEvent: (event, stored) => this.#take({ event, stored }),
    });
    for (const prefix of missing) this.#prefixes.add(prefix);
  }

  /** Does the same as {@link EventStore.subscribeToAll}, and falls back to it whenever it can't share the feed. */
  subscribeToAll(options: SubscribeToAll): LogSubscription {
    const { streamPrefixes, eventTypes } = options;
    const isBrought = !eventTypes && streamPrefixes?.every((prefix) => this.#prefixes.has(prefix));
    if (!isBrought) return this.store.subscribeToAll(options);
    return new SharedSubscription(options, {
      recent: this.#recent,
      subscribeAlone: (alone) => this.store.subscribeToAll(alone),
      join: (subscription) => this.#join(subscription),
      part: (subscription) => void this.#level.delete(subscription),
    });
  }

  /** See {@link EventStore.setAside}. */
  get setAside(): Store['setAside'] {
    return this.store.setAside;
  }

  /** See {@link EventStore.landmarkAt}. */
  landmarkAt(...request: Parameters<Store['landmarkAt']>): ReturnType<Store['landmarkAt']> {
    return this.store.landmarkAt(...request);
  }

  /** See {@link EventStore.landmarkOf}. */
  landmarkOf(...request: Parameters<Store['landmarkOf']>): ReturnType<Store['landmarkOf']> {
    return this.store.landmarkOf(...request);
  }

  /** See {@link EventStore.holds}. */
  holds(...request: Parameters<Store['holds']>): ReturnType<Store['holds']> {
    return this.store.holds(...request);
  }

  /** See {@link EventStore.readAll}. */
  readAll(...request: Parameters<Store['readAll']>): ReturnType<Store['readAll']> {
    return this.store.readAll(...request);
  }

  /** See {@link EventStore.readStored}. */
  readStored(...request: Parameters<Store['readStored']>): ReturnType<Store['readStored']> {
    return this.store.readStored(...request);
  }

  #join(subscription: SharedSubscription): boolean {
    if (this.#isWell) this.#level.add(subscription);
    return this.#isWell;
  }

  #take(held: HeldEvent): void {
    this.#recent.push(held);
    for (const subscription of this.#level) subscription.drain();
  }

  /**
   * Sends every subscriber back to its own subscription, because the store is away. Each one notices by itself when the
   * store is back.
   */
  #partAll(): void {
    this.#isWell = false;
    for (const subscription of this.#level) subscription.goAlone();
  }
}
