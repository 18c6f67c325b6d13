import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { InstanceModule } from '../instance/instance.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { SendingModule } from '../sending/sending.module.js';
import { AuditLogKey } from './audit-log-key.js';
import { GatewaySnapshots, GatewaySnapshotter } from './gateway-snapshots.js';
import { MessageFollower } from './message-follower.js';
import { StateFollower } from './state-follower.js';

/** Brings the events of the log to the parts of the gateway. */
@Module({
  imports: [DeliveryModule, InstanceModule, PresenceModule, SendingModule],
  providers: [AuditLogKey, GatewaySnapshots, GatewaySnapshotter, MessageFollower, StateFollower],
  exports: [AuditLogKey, GatewaySnapshotter, MessageFollower, StateFollower],
})
export class FollowLogModule {}
