import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { DamagedController } from './damaged.controller.js';
import { DamagedEvents } from './damaged-events.js';
import { DecisionFollower } from './decision-follower.js';
import { StoppedChannels } from './stopped-channels.js';

/** Handles events that cannot be decoded: tells the bots concerned, and carries out what admins decide about them. */
@Module({
  imports: [CqrsModule, DeliveryModule, SessionsModule],
  controllers: [DamagedController],
  providers: [DamagedEvents, DecisionFollower, StoppedChannels],
  exports: [StoppedChannels],
})
export class DamageModule {}
