import { Module } from '@nestjs/common';
import { ConnectionMetrics } from './connection-metrics.js';
import { Membership } from './membership.js';
import { Sessions } from './sessions.js';

/** The connections that are here, and what each of them is sent. */
@Module({
  providers: [ConnectionMetrics, Membership, Sessions],
  exports: [Membership, Sessions],
})
export class SessionsModule {}
