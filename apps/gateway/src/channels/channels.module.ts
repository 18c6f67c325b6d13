import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessModule } from '../access/access.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { ChannelsController } from './channels.controller.js';
import { JoinVerb } from './join.verb.js';
import { LeaveVerb } from './leave.verb.js';

/** Lets admins manage channels, and bots join and leave them. */
@Module({
  imports: [CqrsModule, AccessModule, DeliveryModule, LimitsModule, SessionsModule],
  controllers: [ChannelsController],
  providers: [JoinVerb, LeaveVerb],
  exports: [JoinVerb, LeaveVerb],
})
export class ChannelsModule {}
