import { Module } from '@nestjs/common';
import { MilestoneLife } from './milestones/milestone-life.js';
import { OpenReplays } from './replay/open-replays.js';
import { ReplayController } from './replay/replay.controller.js';
import { AuditGateway } from './socket/audit.gateway.js';
import { Replayer } from './replay/replayer.js';

/**
 * Answers all queries of auditors. They need only the event store, so they work while PostgreSQL is
 * unreachable.
 */
@Module({
  controllers: [ReplayController],
  providers: [Replayer, OpenReplays, MilestoneLife, AuditGateway],
})
export class AuditModule {}
