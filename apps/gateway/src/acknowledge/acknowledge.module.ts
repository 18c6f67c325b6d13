import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { AckVerb } from './ack.verb.js';

/** Lets a bot acknowledge what it has processed. */
@Module({
  imports: [AccessModule, DeliveryModule],
  providers: [AckVerb],
  exports: [AckVerb],
})
export class AcknowledgeModule {}
