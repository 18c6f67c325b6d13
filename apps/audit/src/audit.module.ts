import { Module } from '@nestjs/common';
import { MilestoneLife } from './milestones/milestone-life.js';
import { OpenReplays } from './replay/open-replays.js';
import { ReplayController } from './replay/replay.controller.js';
import { AuditGateway } from './socket/audit.gateway.js';
import { Replayer } from './replay/replayer.js';

/** Everything auditors ask: the event store only, so it answers while PostgreSQL is away. */
@Module({
  controllers: [ReplayController],
  providers: [Replayer, OpenReplays, MilestoneLife, AuditGateway],
})
export class AuditModule {}
