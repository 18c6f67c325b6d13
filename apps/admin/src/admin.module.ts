import { Module } from '@nestjs/common';
import { BotQueriesController } from './bots/bots.controller.js';
import { ChannelQueriesController } from './channels/channels.controller.js';
import { KeyQueriesController } from './keys/keys.controller.js';
import { MessageQueriesController } from './messages/messages.controller.js';
import { ControlProjectionsController } from './projections/control-projections.controller.js';
import { ProjectionControls } from './projections/projection-controls.js';
import { ProjectionQueriesController } from './projections/projections.controller.js';
import { StatsController } from './stats/stats.controller.js';
import { LiveFeed } from './live/live-feed.js';
import { LiveGateway } from './live/live.gateway.js';
import { ReadModels } from './read-models/read-models.js';

/**
 * Everything admins ask: but for the keys of people, read models in PostgreSQL only, so it answers while the event store
 * is away. What consoles are pushed (`live`) comes from there too; the process's `LogFeed` tells only that there is
 * something new. Needs `SETTINGS` with `postgres.url`, `EventStore`, `LogFeed` and `AccessTrail` from the composition root. Commands are the gateway's, but for
 * those to projections, which are no business of the log.
 */
@Module({
  controllers: [
    MessageQueriesController,
    BotQueriesController,
    KeyQueriesController,
    ChannelQueriesController,
    ProjectionQueriesController,
    ControlProjectionsController,
    StatsController,
  ],
  providers: [ReadModels, ProjectionControls, LiveFeed, LiveGateway],
})
export class AdminModule {}
