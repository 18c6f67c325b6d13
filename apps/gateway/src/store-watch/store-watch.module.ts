import { Module } from '@nestjs/common';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { WritingBudget } from '#libs/event-store/stream-writer/writing-budget.js';
import { FeedProgress } from '#libs/directory/feed-progress.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { Broadcast } from '../socket/broadcast.js';
import { GatewayWatch } from '../presence/gateway-watch.js';
import { PresenceModule } from '../presence/presence.module.js';
import { SendingModule } from '../sending/sending.module.js';
import { SocketModule } from '../socket/socket.module.js';
import { StoreWatch } from './store-watch.js';

const storeWatch = (
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
    tell: ({ code, message }) => broadcast.sendNotice(code, message),
  });
  store.writing.onChange(() => watch.lookAtStore());
  health.register('posts', () => watch.health());
  return watch;
};

/** Watches the event store. The watch is started and stopped with the gateway. */
@Module({
  imports: [PresenceModule, SendingModule, SocketModule],
  providers: [
    {
      provide: StoreWatch,
      inject: [EventStore, LogFeed, WritingBudget, GatewayWatch, Broadcast, HealthRegistry, FeedProgress],
      useFactory: storeWatch,
    },
  ],
  exports: [StoreWatch],
})
export class StoreWatchModule {}
