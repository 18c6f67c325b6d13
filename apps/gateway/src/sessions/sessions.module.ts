import { Module } from '@nestjs/common';
import { ConnectionMetrics } from './connection-metrics.js';
import { Membership } from './membership.js';
import { Sessions } from './sessions.js';

/** Keeps the connections of this process and brings them in step with the directory. */
@Module({
  providers: [ConnectionMetrics, Membership, Sessions],
  exports: [Membership, Sessions],
})
export class SessionsModule {}
