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
 * Answers all queries of admins. They read only the read models in PostgreSQL, except for the keys of people,
 * so they work while the event store is unreachable. The pushes to consoles (`live`) come from there as well;
 * the process's `LogFeed` only tells when there is something new. Needs `SETTINGS` with `postgres.url`,
 * `EventStore`, `LogFeed` and `AccessTrail` from the composition root. Commands belong to the gateway, except
 * for those that control projections, because these are not recorded in the log.
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
