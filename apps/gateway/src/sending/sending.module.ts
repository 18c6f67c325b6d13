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
import { SETTINGS } from '#libs/platform/config/settings.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { AcceptedLookup } from '#libs/projections/accepted-lookup.js';
import { AccessModule } from '../access/access.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { INSTANCE } from '../instance/instance.js';
import { InstanceModule } from '../instance/instance.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { AcceptMessageHandler } from './accept-message.handler.js';
import { ConversationWriters } from './conversation-writers.js';
import { EarlierAnswers } from './earlier-answers.js';
import { EarlierMessages } from './earlier-messages.js';
import { EditVerb } from './edit.verb.js';
import { MessagesController } from './messages.controller.js';
import { PostVerb } from './post.verb.js';
import { PostsInFlight } from './posts-in-flight.js';
import { RedactVerb } from './redact.verb.js';
import { Repeats } from './repeats.js';

const conversationWriters = (
  store: EventStore,
  feed: LogFeed,
  feeds: ChannelFeeds,
  window: AcceptedWindow,
  earlier: EarlierMessages,
  budget: WritingBudget,
  redactions: Redactions,
  directory: Directory,
  instance: string,
): ConversationWriters =>
  new ConversationWriters({
    store,
    feeds,
    window,
    earlier,
    budget,
    redactions,
    instance,
    untilLevel: levelWithLog(store, feed, ['messages-']),
    membersOf: (channel) => directory.members(channel),
  });

/** Brings posts, edits and redactions into the log, each of them once. */
@Module({
  imports: [CqrsModule, AccessModule, DeliveryModule, InstanceModule, LimitsModule],
  controllers: [MessagesController],
  providers: [
    WritingBudget,
    PostsInFlight,
    EarlierMessages,
    EarlierAnswers,
    Repeats,
    AcceptMessageHandler,
    PostVerb,
    EditVerb,
    RedactVerb,
    {
      provide: AcceptedWindow,
      useFactory: () => new AcceptedWindow(WINDOW_LIMITS, randomInt(2 ** 32), WINDOW_LIMITS.maxEntries),
    },
    {
      provide: AcceptedLookup,
      inject: [SETTINGS, EventStore],
      useFactory: ({ postgres }: Settings, store: EventStore) =>
        new AcceptedLookup(postgres.url ?? '', store),
    },
    {
      provide: ConversationWriters,
      inject: [
        EventStore,
        LogFeed,
        ChannelFeeds,
        AcceptedWindow,
        EarlierMessages,
        WritingBudget,
        Redactions,
        Directory,
        INSTANCE,
      ],
      useFactory: conversationWriters,
    },
  ],
  exports: [
    AcceptedLookup,
    AcceptedWindow,
    ConversationWriters,
    Repeats,
    WritingBudget,
    PostVerb,
    EditVerb,
    RedactVerb,
  ],
})
export class SendingModule {}
