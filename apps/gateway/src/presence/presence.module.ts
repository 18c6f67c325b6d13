import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { InstanceModule } from '../instance/instance.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { GatewayWatch } from './gateway-watch.js';
import { PresenceBoard } from './presence-board.js';
import { PresenceNotices } from './presence-notices.js';
import { PresenceRecorder } from './presence-recorder.js';
import { PresenceStreams } from './presence-streams.js';
import { Presence } from './presence.js';
import { WhoVerb } from './who.verb.js';

/** Records connections in the log, and announces presence over all gateways from the log to the members. */
@Module({
  imports: [AccessModule, DeliveryModule, InstanceModule, LimitsModule],
  providers: [
    GatewayWatch,
    Presence,
    PresenceBoard,
    PresenceNotices,
    PresenceRecorder,
    PresenceStreams,
    WhoVerb,
  ],
  exports: [GatewayWatch, Presence, PresenceBoard, PresenceRecorder, WhoVerb],
})
export class PresenceModule {}
