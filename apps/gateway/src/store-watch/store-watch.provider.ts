import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { WritingBudget } from '#libs/event-store/stream-writer/writing-budget.js';
import { FeedProgress } from '#libs/directory/feed-progress.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { Broadcast } from '../socket/broadcast.js';
import { GatewayWatch } from '../presence/gateway-watch.js';
import { StoreWatch } from './store-watch.js';

/** The watch over the store, with what it looks at; it is started and stopped with the gateway. */
export const storeWatchProvider = {
  provide: StoreWatch,
  inject: [EventStore, LogFeed, WritingBudget, GatewayWatch, Broadcast, HealthRegistry, FeedProgress],
  useFactory: (
    store: EventStore,
    feed: LogFeed,
    budget: WritingBudget,
    gateways: GatewayWatch,
    broadcast: Broadcast,
    health: HealthRegistry,
    follower: FeedProgress,
  ): StoreWatch => {
    const watch = new StoreWatch({
      marks: () => ({
        connected: feed.state === 'connected' && !follower.isSilent,
        lostForMs: budget.lostForMs,
        trouble: store.writing.trouble,
      }),
      isAsked: () => budget.waiting > 0,
      ask: async () => {
        if (await gateways.sayAlive()) budget.storeReached();
      },
      tell: ({ code, message }) => broadcast.notice(code, message),
    });
    store.writing.onChange(() => watch.look());
    health.register('posts', () => watch.health());
    return watch;
  },
};
