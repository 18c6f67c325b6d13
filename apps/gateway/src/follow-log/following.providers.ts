import { AcceptedWindow } from '#libs/delivery/accepted-window.js';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { Redactions } from '#libs/delivery/redactions.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { SNAPSHOTS_WATCHED } from '#libs/event-store/snapshot/snapshotter.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { LOGGER } from '#libs/platform/logging/logger.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { INSTANCE } from '../instance/instance.js';
import { GatewayWatch } from '../presence/gateway-watch.js';
import { PresenceBoard } from '../presence/presence-board.js';
import { GATEWAY_SNAPSHOTS, GatewaySnapshots, GatewaySnapshotter } from './gateway-snapshots.js';
import { MessageFollower } from './message-follower.js';
import { StateFollower } from './state-follower.js';

const snapshotter = (
  feed: LogFeed,
  redactions: Redactions,
  presence: PresenceBoard,
  snapshots: GatewaySnapshots,
  logger: Logger,
  progress: ProgressWatch,
): GatewaySnapshotter => {
  const made = new GatewaySnapshotter(
    feed,
    () => ({ redactions, presence }),
    snapshots,
    (error) =>
      logger.warn(
        `The gateway's state could not be saved; the next start reads more of the log: ${error.message}`,
      ),
  );
  progress.add({ name: 'snapshots of the gateway', ...SNAPSHOTS_WATCHED, marks: () => made.marks() });
  return made;
};

/** What brings the log to the gateway. */
export const followingProviders = [
  {
    provide: MessageFollower,
    inject: [EventStore, AcceptedWindow, ChannelFeeds, INSTANCE],
    useFactory: (store: EventStore, window: AcceptedWindow, feeds: ChannelFeeds, instance: string) =>
      new MessageFollower(store, window, feeds, instance),
  },
  {
    provide: GatewaySnapshots,
    inject: [EventStore, INSTANCE, LOGGER],
    useFactory: (store: EventStore, instance: string, logger: Logger) =>
      new GatewaySnapshots(store, instance, GATEWAY_SNAPSHOTS, undefined, (message) => logger.warn(message)),
  },
  {
    provide: GatewaySnapshotter,
    inject: [LogFeed, Redactions, PresenceBoard, GatewaySnapshots, LOGGER, ProgressWatch],
    useFactory: snapshotter,
  },
  {
    provide: StateFollower,
    inject: [EventStore, GatewaySnapshots, Redactions, PresenceBoard, GatewayWatch],
    useFactory: (
      store: EventStore,
      snapshots: GatewaySnapshots,
      redactions: Redactions,
      board: PresenceBoard,
      watch: GatewayWatch,
    ) => new StateFollower(store, snapshots, redactions, board, watch),
  },
];
