import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { AckVerb } from './ack.verb.js';

/** A bot says how far it has come. */
@Module({
  imports: [AccessModule, DeliveryModule],
  providers: [AckVerb],
  exports: [AckVerb],
})
export class AcknowledgeModule {}
