import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { HistoryController } from './history.controller.js';
import { History } from './history.js';
import { HistoryVerb } from './history.verb.js';

/** Lets bots read the earlier messages of a channel. */
@Module({
  imports: [AccessModule, DeliveryModule, LimitsModule],
  controllers: [HistoryController],
  providers: [History, HistoryVerb],
  exports: [HistoryVerb],
})
export class HistoryModule {}
