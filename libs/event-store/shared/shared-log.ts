import type { EventStore } from '../event-store.js';
import type { LogFeed } from '../log-feed.js';
import type { PositionedEvent } from '../recorded-event.js';
import type { LogSubscription, SubscribeToAll } from '../subscription/log-subscription.js';
import { RecentEvents } from './recent-events.js';
import { SharedSubscription } from './shared-subscription.js';

/** So far behind the newest event a subscriber may be and still be served from memory; few, for each outlives its use. */
const RECENT_EVENTS = 64;

type Store = Pick<
  EventStore,
  'readAll' | 'readStored' | 'subscribeToAll' | 'setAside' | 'landmarkAt' | 'landmarkOf' | 'holds'
>;
type Feed = Pick<LogFeed, 'listen' | 'onAdvance' | 'onStateChange' | 'onFailure'>;

/**
 * The log for a process with several subscribers to it: those that are level with its head are served by the process's
 * one {@link LogFeed}, so that each event travels and is decoded once. Whoever is further behind has a subscription of
 * its own until it is level, and none holds up another.
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
      this.#recent.begin(position);
      for (const subscription of this.#level) subscription.progress(position);
    });
  }

  /**
   * Has the feed bring these streams, given by the beginnings of their names; only subscriptions to some of them share.
   * @throws Error once the feed has started
   */
  bring(prefixes: readonly string[]): void {
    this.feed.listen({ prefixes, onEvent: (event) => this.#take(event) });
    for (const prefix of prefixes) this.#prefixes.add(prefix);
  }

  /** As {@link EventStore.subscribeToAll}, which it falls back to whenever it can't share. */
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

  /** As {@link EventStore.setAside}. */
  get setAside(): Store['setAside'] {
    return this.store.setAside;
  }

  /** As {@link EventStore.landmarkAt}. */
  landmarkAt(...request: Parameters<Store['landmarkAt']>): ReturnType<Store['landmarkAt']> {
    return this.store.landmarkAt(...request);
  }

  /** As {@link EventStore.landmarkOf}. */
  landmarkOf(...request: Parameters<Store['landmarkOf']>): ReturnType<Store['landmarkOf']> {
    return this.store.landmarkOf(...request);
  }

  /** As {@link EventStore.holds}. */
  holds(...request: Parameters<Store['holds']>): ReturnType<Store['holds']> {
    return this.store.holds(...request);
  }

  /** As {@link EventStore.readAll}. */
  readAll(...request: Parameters<Store['readAll']>): ReturnType<Store['readAll']> {
    return this.store.readAll(...request);
  }

  /** As {@link EventStore.readStored}. */
  readStored(...request: Parameters<Store['readStored']>): ReturnType<Store['readStored']> {
    return this.store.readStored(...request);
  }

  #join(subscription: SharedSubscription): boolean {
    if (this.#isWell) this.#level.add(subscription);
    return this.#isWell;
  }

  #take(event: PositionedEvent): void {
    this.#recent.push(event);
    for (const subscription of this.#level) subscription.drain();
  }

  /** The store is away: each subscriber finds out by itself when it is back, and what it is told until then is its own. */
  #partAll(): void {
    this.#isWell = false;
    for (const subscription of this.#level) subscription.goAlone();
  }
}
