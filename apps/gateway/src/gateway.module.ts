import { randomInt } from 'node:crypto';
import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AcceptedWindow, WINDOW_LIMITS } from '#libs/delivery/accepted-window.js';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { Redactions } from '#libs/delivery/redactions.js';
import { Directory } from '#libs/directory/directory.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { levelWithLog } from '#libs/event-store/level-with-log.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { WritingBudget } from '#libs/event-store/stream-writer/writing-budget.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { SETTINGS } from '#libs/platform/config/settings.js';
import type { Settings } from '#libs/platform/config/settings.js';
import type { Place } from '#libs/delivery/place.js';
import { AcceptedLookup } from '#libs/projections/accepted-lookup.js';
import { AckVerb } from './acknowledge/ack.verb.js';
import { BotsController } from './bots/bots.controller.js';
import { ChangeMessageHandler } from './sending/change-message.handler.js';
import { EditVerb } from './sending/edit.verb.js';
import { RedactVerb } from './sending/redact.verb.js';
import { ChannelAccess } from './access/channel-access.js';
import { ChannelsController } from './channels/channels.controller.js';
import { JoinVerb } from './channels/join.verb.js';
import { LeaveVerb } from './channels/leave.verb.js';
import { Arrivals } from './door/arrivals.js';
import { BotLimits } from './limits/bot-limits.js';
import { BotsGateway } from './door/bots.gateway.js';
import { Broadcast } from './socket/broadcast.js';
import { Connect } from './door/connect.js';
import { ConnectionMetrics } from './sessions/connection-metrics.js';
import { CursorKeepers } from './cursors/cursor-keepers.js';
import { Farewell } from './door/farewell.js';
import { Membership } from './sessions/membership.js';
import { DeliveryPace } from './delivery/delivery-pace.js';
import { Sessions } from './sessions/sessions.js';
import { VERBS } from './door/tokens.js';
import type { Verb } from './sessions/verb.js';
import { DamagedController } from './damage/damaged.controller.js';
import { DamagedEvents } from './damage/damaged-events.js';
import { DecisionFollower } from './damage/decision-follower.js';
import { StoppedChannels } from './damage/stopped-channels.js';
import { ChangeDirectoryHandler } from './directory/change-directory.handler.js';
import { GatewayLife } from './gateway-life.js';
import { followingProviders } from './follow-log/following.providers.js';
import { HistoryController } from './history/history.controller.js';
import { History } from './history/history.js';
import { HistoryVerb } from './history/history.verb.js';
import { INSTANCE, instanceProvider } from './instance/instance.js';
import { KeysController } from './keys/keys.controller.js';
import { OperatorKeyRoles } from './keys/operator-key-roles.js';
import { Acceptance } from './sending/accept-message.handler.js';
import { ConversationWriters } from './sending/conversation-writers.js';
import { EarlierAnswers } from './sending/earlier-answers.js';
import { EarlierMessages } from './sending/earlier-messages.js';
import { MessagesController } from './sending/messages.controller.js';
import { PostMessageHandler } from './sending/post-message.handler.js';
import { PostVerb } from './sending/post.verb.js';
import { PostsInFlight } from './sending/posts-in-flight.js';
import { Repeats } from './sending/repeats.js';
import { storeWatchProvider } from './store-watch/store-watch.provider.js';
import { presenceProviders } from './presence/presence.providers.js';
import { WhoVerb } from './presence/who.verb.js';
import { SignalVerb } from './signal/signal.verb.js';

const verbs = [
  PostVerb,
  EditVerb,
  RedactVerb,
  AckVerb,
  JoinVerb,
  LeaveVerb,
  HistoryVerb,
  WhoVerb,
  SignalVerb,
];

const writing = [
  {
    provide: Arrivals,
    inject: [SETTINGS],
    useFactory: ({ consumers }: Settings) => new Arrivals(consumers),
  },
  instanceProvider,
  {
    provide: WritingBudget,
    inject: [ProgressWatch],
    useFactory: (progress: ProgressWatch) => {
      const budget = new WritingBudget();
      progress.add({ name: 'the writers', limitMs: 5_000, isVital: true, marks: () => budget.marks() });
      return budget;
    },
  },
  PostsInFlight,
  {
    provide: BotLimits,
    inject: [SETTINGS],
    useFactory: ({ rate, consumers }: Settings) =>
      new BotLimits({ rate: rate.perSecond, burst: rate.burst }, consumers),
  },
  {
    provide: EarlierMessages,
    inject: [AcceptedWindow, AcceptedLookup, EventStore],
    useFactory: (window: AcceptedWindow, oldIds: AcceptedLookup, store: EventStore) =>
      new EarlierMessages(window, oldIds, store),
  },
  {
    provide: EarlierAnswers,
    inject: [EarlierMessages],
    useFactory: (earlier: EarlierMessages) => new EarlierAnswers(earlier),
  },
  {
    provide: Repeats,
    inject: [EarlierMessages, EarlierAnswers],
    useFactory: (earlier: EarlierMessages, answers: EarlierAnswers) => new Repeats(earlier, answers),
  },
  {
    provide: ConversationWriters,
    inject: [
      EventStore,
      ChannelFeeds,
      AcceptedWindow,
      EarlierMessages,
      WritingBudget,
      INSTANCE,
      Redactions,
      Directory,
      LogFeed,
    ],
    useFactory: (
      store: EventStore,
      feeds: ChannelFeeds,
      window: AcceptedWindow,
      earlier: EarlierMessages,
      budget: WritingBudget,
      instance: string,
      redactions: Redactions,
      directory: Directory,
      feed: LogFeed,
    ) =>
      new ConversationWriters({
        store,
        feeds,
        window,
        earlier,
        budget,
        instance,
        untilLevel: levelWithLog(store, feed, ['messages-']),
        redactions,
        membersOf: (channel) => directory.members(channel),
      }),
  },
  Acceptance,
  PostMessageHandler,
  ChangeMessageHandler,
  ChangeDirectoryHandler,
  OperatorKeyRoles,
];

const delivering = [
  Broadcast,
  Sessions,
  Farewell,
  ConnectionMetrics,
  Membership,
  Connect,
  ChannelAccess,
  StoppedChannels,
  DecisionFollower,
  DamagedEvents,
  History,
  BotsGateway,
  GatewayLife,
  storeWatchProvider,
  ...verbs,
  { provide: VERBS, inject: verbs, useFactory: (...all: Verb[]) => all },
  Redactions,
  { provide: DeliveryPace, useFactory: () => new DeliveryPace() },
  {
    provide: AcceptedWindow,
    useFactory: () => new AcceptedWindow(WINDOW_LIMITS, randomInt(2 ** 32), WINDOW_LIMITS.maxEntries),
  },
  {
    provide: ChannelFeeds,
    inject: [EventStore, Broadcast, Redactions, DeliveryPace],
    useFactory: (store: EventStore, broadcast: Broadcast, redactions: Redactions, pace: DeliveryPace) => {
      const announce = (place: Place): void => {
        broadcast.place(place);
        pace.sent(place.channel);
      };
      return new ChannelFeeds(store, announce, redactions, undefined, (gap) => broadcast.gap(gap));
    },
  },
  {
    provide: CursorKeepers,
    inject: [EventStore, INSTANCE, ProgressWatch],
    useFactory: (store: EventStore, instance: string, progress: ProgressWatch) => {
      const keepers = new CursorKeepers(store, instance);
      progress.add({ name: 'cursors', limitMs: 15_000, isVital: false, marks: () => keepers.marks() });
      return keepers;
    },
  },
  {
    provide: AcceptedLookup,
    inject: [SETTINGS, EventStore],
    useFactory: ({ postgres }: Settings, store: EventStore) => new AcceptedLookup(postgres.url ?? '', store),
  },
];

/** The role `gateway`: bots over Socket.IO, and the command side of HTTP. */
@Module({
  imports: [CqrsModule],
  controllers: [
    MessagesController,
    HistoryController,
    BotsController,
    ChannelsController,
    KeysController,
    DamagedController,
  ],
  providers: [...writing, ...delivering, ...followingProviders, ...presenceProviders],
})
export class GatewayModule {}
